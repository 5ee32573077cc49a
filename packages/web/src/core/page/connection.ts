import { duration } from "@upkeep/client/core/amounts";

/** How the page and the server stand. Times are in ms, by a clock that only runs forward. */
export type Connection =
  | { readonly kind: "connecting"; readonly failures: number }
  /** `heardAt`: when the server last sent anything, be it only a sign of life. */
  | { readonly kind: "live"; readonly heardAt: number }
  | Lost
  /** It wants a token, or another one. */
  | { readonly kind: "locked" };

/** It ended, or could not be made. */
export interface Lost {
  readonly kind: "lost";
  /** Tries in a row that have failed. */
  readonly failures: number;
  readonly reason: string;
  readonly retryAt: number;
}

export const firstConnection: Connection = { kind: "connecting", failures: 0 };

/** Pauses before the first tries, and before all others, in ms. */
const pauses = [300, 1000, 2000, 4000, 8000] as const;
const longest = 10_000;

/** The connection has ended, or could not be made. */
export function lose(connection: Connection, reason: string, now: number): Lost {
  const failures = "failures" in connection ? connection.failures + 1 : 1;
  return { kind: "lost", failures, reason, retryAt: now + (pauses[failures - 1] ?? longest) };
}

/** The time to try again has come, or somebody does not want to wait for it. */
export function retry(connection: Connection): Connection {
  return connection.kind === "lost" ? { kind: "connecting", failures: connection.failures } : connection;
}

/** A server that lives says something at least as often, in ms; the page allows for two that are lost. */
export function isSilent(connection: Connection, everyMillis: number, now: number): boolean {
  return connection.kind === "live" && now - connection.heardAt > 3 * everyMillis;
}

/**
 * What stands above what is old: `Not connected: what you see is 12s old. Next try in 3s.` Null where it is not.
 *
 * @param shownAt when what is shown was true; null: nothing is shown yet.
 */
export function staleness(connection: Connection, shownAt: number | null, now: number): string | null {
  if (connection.kind === "live" || connection.kind === "locked") return null;
  if (connection.kind === "connecting" && (shownAt === null || connection.failures === 0)) return null;
  const age = shownAt === null ? "" : `: what you see is ${duration((now - shownAt) / 1000)} old`;
  if (connection.kind === "connecting") return `Not connected${age}. Trying …`;
  const left = Math.max(0, Math.ceil((connection.retryAt - now) / 1000));
  return `Not connected (${connection.reason})${age}. Next try ${left === 0 ? "now" : `in ${left}s`}.`;
}
