import type { JSX } from "preact";

import { retry } from "../../core/page/connection.ts";
import { hashOf } from "../../core/page/route.ts";
import { useStore } from "../store.ts";
import type { Theme } from "../theme.ts";
import { Icon, type IconName } from "./icons.tsx";

const themes: Readonly<Record<Theme, { readonly icon: IconName; readonly words: string }>> = {
  system: { icon: "system", words: "Colours: as the system" },
  dark: { icon: "moon", words: "Colours: dark" },
  light: { icon: "sun", words: "Colours: light" },
};

/** The bar above everything. */
export function Header(): JSX.Element {
  const store = useStore();
  const { theme, model } = store;
  const { icon, words } = themes[theme.value];
  const paths = model.value.directories
    .map(({ label, path }) => (label === null || path.endsWith(`/${label}`) ? path : `${label}: ${path}`))
    .join(" · ");
  return (
    <header class="bar">
      <a class="brand" href={hashOf({ kind: "overview" })}>
        <svg class="logo" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M4 4v7a6 6 0 0 0 12 0V4" />
          <path d="M10 12V4M7.2 6.6 10 3.8l2.8 2.8" />
        </svg>
        Upkeep
      </a>
      <span class="where" title={paths}>
        {paths}
      </span>
      <span class="grow" />
      <Signal />
      <button type="button" class="quiet" title={`${words} (t)`} aria-label={words} onClick={store.turnTheme}>
        <Icon name={icon} />
      </button>
      <button
        type="button"
        class="quiet for-keys"
        title="Keys (?)"
        aria-label="Keys"
        onClick={() => (store.dialog.value = { kind: "help" })}
      >
        <Icon name="help" />
      </button>
    </header>
  );
}

const states = { live: "live", connecting: "connecting", lost: "not connected", locked: "locked" } as const;

/** Whether the page is live. */
function Signal(): JSX.Element {
  const { connection } = useStore();
  const { kind } = connection.value;
  return (
    <span class={`signal ${kind}`} role="status">
      <i class="dot" />
      {states[kind]}
    </span>
  );
}

/** Says that what is shown is old. Its text changes every second, so only the signal in the bar speaks to screen readers. */
export function OldBanner(): JSX.Element | null {
  const { old, connection } = useStore();
  if (old.value === null) return null;
  return (
    <section class="old" aria-label="Connection">
      <span>{old.value}</span>
      {connection.value.kind === "lost" && (
        <button type="button" onClick={() => (connection.value = retry(connection.value))}>
          Try now
        </button>
      )}
    </section>
  );
}
