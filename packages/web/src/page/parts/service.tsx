import { duration } from "@upkeep/client/core/amounts";
import { isLogBroken, stateSince } from "@upkeep/client/core/health";
import { describeInWords } from "@upkeep/client/core/in-words";
import { harmless } from "@upkeep/program/core/one-line";
import { type LastEnd, type StateDetails, timeOf } from "@upkeep/supervise/core/state-json";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { mainActions } from "../../core/page/actions.ts";
import { judge, type Mood } from "../../core/page/judge.ts";
import { hashOf } from "../../core/page/route.ts";
import { fullName, type PageService } from "../../core/page/rows.ts";
import { memoryText, percentText, restartsText } from "../../core/page/words.ts";
import { getDetail } from "../net/api.ts";
import { type Store, useStore } from "../store.ts";
import { wholeTime } from "../times.ts";
import { ActionButton } from "./actions.tsx";
import { Charts } from "./chart.tsx";
import { Ends, Processes, Settings } from "./details.tsx";
import { Dependencies } from "./dependencies.tsx";
import { Icon } from "./icons.tsx";
import { Log } from "./log.tsx";
import { Timeline } from "./timeline.tsx";

/** Everything about one service. */
export function ServicePage({ id }: { readonly id: string }): JSX.Element {
  const store = useStore();
  const service = store.current.value;
  useDetail(store, id, service);
  if (service === null) return <Missing id={id} />;
  const detail = store.detail.value?.id === id ? store.detail.value : null;
  return (
    <main class="service">
      <Title service={service} ends={detail?.ends ?? service.ends} />
      <Facts service={service} />
      <div class="columns">
        <div class="main">
          <Timeline service={service} ends={detail?.ends ?? []} />
          <Log key={id} service={service} />
        </div>
        <div class="side">
          <Charts service={service} />
          {detail !== null && (
            <>
              <Dependencies detail={detail} />
              <Processes detail={detail} />
              <Ends ends={detail.ends} />
              <Settings detail={detail} />
            </>
          )}
        </div>
      </div>
    </main>
  );
}

/** Processes and settings are looked at again so often, in ms, beside whenever the service changes. */
const againMillis = 5000;

/** Keeps the details of the service that is shown. */
function useDetail(store: Store, id: string, service: PageService | null): void {
  const isLive = store.connection.value.kind === "live";
  const state = service?.snapshot;
  useEffect(() => {
    if (!isLive || state === undefined) return undefined;
    let isOver = false;
    const load = async (): Promise<void> => {
      const answer = await getDetail(id);
      if (!isOver && answer.ok) store.detail.value = answer.value;
    };
    void load();
    const timer = setInterval(() => void load(), againMillis);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [id, isLive, state]);
}

function Title({ service, ends }: { readonly service: PageService; readonly ends: readonly LastEnd[] }): JSX.Element {
  const store = useStore();
  const { snapshot } = service;
  const nowSeconds = store.now.value / 1000;
  const { word, mood } = judge(snapshot, nowSeconds);
  return (
    <div class={`title ${mood}`}>
      <a class="quiet back" href={hashOf({ kind: "overview" })} aria-label="All services" title="All services (Escape)">
        <Icon name="back" />
      </a>
      <div class="names">
        <h1 title={harmless(fullName(service))}>
          <i class="dot" />
          {harmless(snapshot.label)} {service.place !== null && <span class="place">{harmless(service.place)}</span>}{" "}
          <span class="word">{word}</span>
        </h1>
        <p class="words">{describeInWords(snapshot, ends, nowSeconds)}</p>
      </div>
      {store.mayControl.value && (
        <div class="hands">
          {Object.values(mainActions).map((action) => (
            <ActionButton key={action.word} service={service} action={action} />
          ))}
          <button
            type="button"
            class="action"
            aria-label={`More for ${harmless(snapshot.label)}`}
            title="Signals and more (!)"
            onClick={() => (store.dialog.value = { kind: "more", service })}
          >
            <Icon name="more" />
          </button>
        </div>
      )}
    </div>
  );
}

/** What there is to know, in a line. */
function Facts({ service }: { readonly service: PageService }): JSX.Element {
  const { now } = useStore();
  const { snapshot, use } = service;
  const { state, log } = snapshot;
  const path = <Fact name="Path" value={snapshot.path ?? "–"} isWide />;
  if (!("record" in state)) return <dl class="facts">{path}</dl>;
  const { record, details } = state;
  const nowSeconds = now.value / 1000;
  const logState = log === undefined || log === null ? null : judge(log, nowSeconds);
  const logMood = isLogBroken(log, nowSeconds) ? "bad" : "";
  const since = stateSince(record, details);
  const sinceName = { run: "Up for", down: "Down for", finish: "Ending for" }[record.state];
  return (
    <dl class="facts">
      <Fact
        name={sinceName}
        value={since === null ? "–" : duration(nowSeconds - since)}
        title={since === null ? "" : wholeTime(since * 1000)}
      />
      <Fact
        name="Ready"
        value={readyWords(details, nowSeconds)}
        title={details.readiness === null ? "" : `as ${details.readiness} tells`}
      />
      <Fact name="Wanted" value={details.once === true ? "once" : (details.want ?? record.want)} />
      <Fact name="Restarts" value={restartsText(snapshot)} />
      <Fact name="Pid" value={record.pid === 0 ? "–" : String(record.pid)} />
      <Fact name="CPU" value={percentText(use)} />
      <Fact name="Memory" value={memoryText(use)} />
      <Fact name="Processes" value={use === null ? "–" : String(use.processes)} />
      <Fact name="Log" value={logState?.word ?? "none"} mood={logMood} />
      {path}
    </dl>
  );
}

function readyWords({ readiness, ready, readySince }: StateDetails, nowSeconds: number): string {
  if (readiness === null) return "not declared";
  if (ready !== true) return "no";
  const since = timeOf(readySince);
  return since === null ? "yes" : `for ${duration(nowSeconds - since.seconds)}`;
}

function Fact({
  name,
  value,
  title = "",
  mood = "",
  isWide = false,
}: {
  readonly name: string;
  readonly value: string;
  readonly title?: string;
  /** `bad` where it needs somebody. */
  readonly mood?: Mood | "";
  readonly isWide?: boolean;
}): JSX.Element {
  return (
    <div class={`fact ${isWide ? "wide" : mood}`} title={title}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Missing({ id }: { readonly id: string }): JSX.Element {
  const { model } = useStore();
  return (
    <main class="service">
      <h1 class="unseen">Service</h1>
      <p class="nothing">
        {model.value.serverMillis === null ? "Connecting …" : `There is no service ${id} here, or not any more. `}
        <a href={hashOf({ kind: "overview" })}>All services</a>
      </p>
    </main>
  );
}
