import { harmless } from "@upkeep/program/core/one-line";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { isPossible, moreActions } from "../../core/page/actions.ts";
import { questionOf } from "../../core/page/bulk.ts";
import { helpFor } from "../../core/page/keys.ts";
import { fullName } from "../../core/page/rows.ts";
import { type Dialog, useStore } from "../store.ts";
import { Icon } from "./icons.tsx";

/** What lies above the page, if anything does. */
export function Dialogs(): JSX.Element | null {
  const { dialog, connection } = useStore();
  if (connection.value.kind === "locked") return <Token />;
  const { value } = dialog;
  switch (value?.kind) {
    case "help":
      return <Help />;
    case "more":
      return <More dialog={value} />;
    case "question":
      return <Question dialog={value} />;
    case "bulk":
      return <BulkQuestion dialog={value} />;
    default:
      return null;
  }
}

function Modal({
  title,
  kind,
  canClose = true,
  children,
}: {
  readonly title: string;
  readonly kind: string;
  readonly canClose?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { dialog } = useStore();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = box.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const close = (): void => {
    dialog.value = null;
  };
  return (
    <dialog
      ref={box}
      class={kind}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        if (canClose) close();
      }}
      onClick={({ target }) => {
        if (canClose && target === box.current) close();
      }}
    >
      <div class="dialog-head">
        <h2 id="dialog-title">{title}</h2>
        {canClose && (
          <button type="button" class="quiet" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {children}
    </dialog>
  );
}

function Help(): JSX.Element {
  const store = useStore();
  const place = store.route.value.kind;
  return (
    <Modal title="Keys" kind="help">
      <dl class="keys">
        {helpFor(place, store.mayControl.value).map(({ keys, words }) => (
          <div key={words}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{keyText(key)}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      {!store.mayControl.value && (
        <p class="muted">This server only shows. Started with --allow-control it also starts and stops.</p>
      )}
    </Modal>
  );
}

const keyTexts: Readonly<Record<string, string | undefined>> = { Escape: "Esc", PageDown: "PgDn", PageUp: "PgUp" };

function keyText(key: string): string {
  return keyTexts[key] ?? key;
}

function More({ dialog }: { readonly dialog: Dialog & { readonly kind: "more" } }): JSX.Element {
  const store = useStore();
  const { service } = dialog;
  return (
    <Modal title={`More for ${harmless(fullName(service))}`} kind="more">
      <ul class="menu">
        {moreActions.map((action) => (
          <li key={action.word}>
            <button
              type="button"
              disabled={!isPossible(action, service.snapshot)}
              onClick={() => {
                store.dialog.value = null;
                store.order(service, action);
              }}
            >
              <kbd>{action.key}</kbd>
              <b>{action.label}</b>
              <span class="muted">{action.hint}</span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

function Question({ dialog }: { readonly dialog: Dialog & { readonly kind: "question" } }): JSX.Element {
  const store = useStore();
  const { service, action } = dialog;
  return (
    <Modal title={`${action.label} ${harmless(fullName(service))}?`} kind="question">
      <p>{action.hint}.</p>
      <Answers yes={action.label} act={() => void store.send(service, action)} />
    </Modal>
  );
}

/** Asks about many services at once, with their names. */
function BulkQuestion({ dialog }: { readonly dialog: Dialog & { readonly kind: "bulk" } }): JSX.Element {
  const store = useStore();
  const { bulk } = dialog;
  const { title, names, leftOut } = questionOf(bulk);
  return (
    <Modal title={title} kind="question">
      <p>{bulk.action.hint}.</p>
      <p class="names-list" tabIndex={0} role="group" aria-label="Services that are meant">
        {harmless(names)}
      </p>
      {leftOut !== "" && <p class="muted">{leftOut}</p>}
      <Answers yes={bulk.action.label} act={() => void store.sendAll(bulk)} />
    </Modal>
  );
}

function Answers({ yes, act }: { readonly yes: string; readonly act: () => void }): JSX.Element {
  const { dialog } = useStore();
  return (
    <div class="answers">
      <button type="button" class="action" onClick={() => (dialog.value = null)}>
        No <kbd>Esc</kbd>
      </button>
      <button
        // The dialog gives it the focus when it opens.
        autofocus
        type="button"
        class="action main"
        onClick={() => {
          dialog.value = null;
          act();
        }}
      >
        {yes} <kbd>y</kbd>
      </button>
    </div>
  );
}

/** Asks for the token of the server. */
function Token(): JSX.Element {
  const store = useStore();
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <Modal title="This server wants a token" kind="token" canClose={false}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void store.unlock(token.trim()).then(setProblem);
        }}
      >
        <p class="muted">It is in the file of --token-file, or upkeep web printed it when it started.</p>
        <label>
          <span class="unseen">Token</span>
          <input
            type="password"
            autocomplete="current-password"
            placeholder="Token"
            value={token}
            aria-invalid={problem !== null}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        {problem !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="answers">
          <button type="submit" class="action main" disabled={token.trim() === ""}>
            Sign in
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** Messages that go away. */
export function Toasts(): JSX.Element {
  const { toasts } = useStore();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, isBad }) => (
        <p key={id} class={isBad ? "toast bad" : "toast"}>
          {harmless(text)}
        </p>
      ))}
    </div>
  );
}
