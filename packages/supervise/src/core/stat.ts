import type { RunState } from "./status.ts";

/** What `supervise/stat` says. Beyond the status record it tells "want exit" from "want down". */
export interface StatFacts {
  readonly state: RunState;
  readonly paused: boolean;
  readonly gotTerm: boolean;
  readonly want: "up" | "down" | "exit";
}

/** The line of `supervise/stat`: `run, paused, got TERM, want down`, with its line end. Source: runit 2.1.2, observed. */
export function renderStat({ state, paused, gotTerm, want }: StatFacts): string {
  const parts: string[] = [state];
  if (paused) parts.push("paused");
  if (gotTerm) parts.push("got TERM");
  if (state !== "down" && want !== "up") parts.push(`want ${want}`);
  return `${parts.join(", ")}\n`;
}

/** Whether a line of `supervise/stat` says that the supervisor is about to end. The line of a service that is down does not say it. */
export function saysWantExit(line: string): boolean {
  return line.endsWith(", want exit\n");
}
