import { harmless, harmlessJson } from "@upkeep/program/core/one-line";

/** What has become of a supervisor. */
export interface Taken {
  /** The name of the service, or `runsvdir`. */
  readonly name: string;
  /** `ours`: it was before. `would`: it would be taken over. */
  readonly outcome: "taken over" | "ours" | "left alone" | "failed" | "would";
  /** The process that supervises now; null where that is not known. */
  readonly pid: number | null;
  /** Why it was left alone, or has failed. */
  readonly why: string | null;
}

/** All of it. */
export interface Takeover {
  readonly runsvdir: Taken;
  readonly services: readonly Taken[];
}

const words = {
  "taken over": "ok: taken over",
  ours: "ok: ours already",
  "left alone": "left alone",
  failed: "fail",
  would: "would be taken over",
} as const;

/** A line for each. */
export function renderTakeover({ runsvdir, services }: Takeover): string {
  return [runsvdir, ...services]
    .map(({ name, outcome, pid, why }) => {
      const parts = [words[outcome], name, pid === null ? null : `(pid ${pid})`, why];
      return `${harmless(parts.filter((part) => part !== null).join(": "))}\n`;
    })
    .join("");
}

/** The same for programs: version 1. */
export function takeoverToJson({ runsvdir, services }: Takeover): string {
  return `${harmlessJson(JSON.stringify({ version: 1, runsvdir, services }, null, 2))}\n`;
}

/** How many services runit's runsv goes on with, or nobody; a runsvdir that stays is none. */
export function failuresOf({ runsvdir, services }: Takeover): number {
  return [runsvdir, ...services].filter(
    ({ outcome }, at) => outcome === "failed" || (at > 0 && outcome === "left alone"),
  ).length;
}
