import type { Pipe } from "@upkeep/linux/fd/pipe";

import type { Identity } from "./scan.ts";
import { entriesOf, valuesOf } from "./shared-map.ts";
import type { State } from "./state.ts";

/** A runsv process, which stays our child when our program is executed anew. */
export interface HandedChild {
  readonly identity: Identity;
  readonly pid: number;
  /** Whether it is ours: see `StartOutcome`. */
  readonly follows: boolean;
}

/** What runsvdir tells the program that takes its place in the same process. */
export interface Handed {
  readonly children: readonly HandedChild[];
  /** What each engine has told, which the next one of that service understands. */
  readonly engines: ReadonlyMap<Identity, unknown>;
  /** Where each runsv reports. */
  readonly events: Pipe | null;
  /** Standard error, where it shows in the command line. */
  readonly title: Pipe | null;
}

/** A value for JSON. */
export function encodeHanded({ engines, ...rest }: Handed): unknown {
  return { ...rest, engines: [...engines] };
}

/** Reads what another version of this suite may have written: what is not there counts as nothing. */
export function decodeHanded(value: unknown): Handed {
  const { children, engines, events, title } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return {
    children: arrayOf(children).filter(isChild),
    engines: new Map(arrayOf(engines).filter(isEntry)),
    events: isPipe(events) ? events : null,
    title: isPipe(title) ? title : null,
  };
}

/** The runsv processes of a state. */
export function childrenOf({ services }: State): readonly HandedChild[] {
  return entriesOf(services).flatMap(([identity, { runsv }]) =>
    runsv.kind === "running" && runsv.pid > 0 ? [{ identity, pid: runsv.pid, follows: runsv.follows }] : [],
  );
}

/** What must not be interrupted, as words behind our name; null: nothing. */
export function underWay({ phase, services }: State): string | null {
  if (phase.kind !== "supervising") return "everything is being stopped";
  for (const { name, runsv } of valuesOf(services)) {
    if (runsv.kind === "starting") return `runsv ${name} is being started`;
    if (runsv.kind === "leaving") return `${name} has been told to go, and has not ended`;
  }
  return null;
}

/** Whether every service that is listed has what it needs, or has to wait for it. */
export function isSettled({ services }: State, at: number): boolean {
  return valuesOf(services).every(
    ({ runsv }) => runsv.kind !== "starting" && (runsv.kind !== "none" || runsv.startAt > at),
  );
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isEntry(value: unknown): value is readonly [Identity, unknown] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}

function isChild(value: unknown): value is HandedChild {
  const { identity, pid, follows } = (value ?? {}) as Partial<HandedChild>;
  return typeof identity === "string" && typeof pid === "number" && pid > 0 && typeof follows === "boolean";
}

function isPipe(value: unknown): value is Pipe {
  const { read, write } = (value ?? {}) as Partial<Pipe>;
  return typeof read === "number" && typeof write === "number";
}
