import { harmlessJson } from "@upkeep/program/core/one-line";

import type { BeatEvent, ChangeEvent, LinesEvent, ProblemEvent, ResetEvent, StateEvent, UseEvent } from "./api.ts";

// Server-sent events. Source: the living standard of HTML, section 9.2.

/** What the events say, by their names. */
interface Events {
  readonly state: StateEvent;
  readonly change: ChangeEvent;
  readonly use: UseEvent;
  readonly beat: BeatEvent;
  readonly lines: LinesEvent;
  readonly reset: ResetEvent;
  readonly problem: ProblemEvent;
}

/** An event as it is sent. JSON has no line ends, so one line of data is enough. */
export function encodeEvent<Name extends keyof Events>(event: Name, data: Events[Name], id: string | null): string {
  const head = id === null ? "" : `id: ${id}\n`;
  return `${head}event: ${event}\ndata: ${harmlessJson(JSON.stringify(data))}\n\n`;
}

/** How soon a browser comes back, in ms. */
export function encodeRetry(millis: number): string {
  return `retry: ${millis}\n\n`;
}

/** The id of events of a server that knows its readers' progress by revisions. Another server's ids mean nothing to it. */
export function eventId(server: string, revision: number): string {
  return `${server}.${revision}`;
}

/** The revision of an id that this server gave; null for another's, or none. */
export function revisionIn(id: string | null, server: string): number | null {
  if (id === null || !id.startsWith(`${server}.`)) return null;
  const digits = id.slice(server.length + 1);
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}
