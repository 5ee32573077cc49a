import { signals } from "@upkeep/linux/core/signals";
import type { RestartDelay, RestartPolicy } from "@upkeep/service-directory/core/run-settings";
import type { AskedEnd } from "@upkeep/supervise/core/state-json";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import type { End } from "./moment.ts";
import { none } from "./none.ts";

const { SIGKILL } = signals;

/** How an end of `./run` counts. `asked` is neither success nor failure: the operator wanted it. */
export type Verdict = "success" | "failure" | "asked";

/**
 * Judges an end; null is a `./run` that could not be started. An unknown end is no success. It was asked for where an
 * exit or KILL was: other signals need not end a process.
 */
export function judgeExit(exit: End | null, asked: readonly AskedEnd[], { exitOk }: RestartPolicy): Verdict {
  if (exit === null) return "failure";
  if (asked.includes("anything")) return "asked";
  if (exit.kind === "unknown") return asked.includes("exit") || asked.includes(SIGKILL) ? "asked" : "failure";
  if (exit.kind === "killed") {
    if (asked.includes(exit.signal)) return "asked";
    return exitOk.signals.includes(exit.signal) ? "success" : "failure";
  }
  if (asked.includes("exit")) return "asked";
  return exit.code === 0 || exitOk.codes.includes(exit.code) ? "success" : "failure";
}

/** Why a service that is wanted up is not started again: it is done, or it has failed for good. */
export type Outcome =
  | { readonly kind: "done" }
  | {
      readonly kind: "failed";
      readonly reason: "restart-limit" | "restart" | "finish";
      readonly text: string;
      readonly at: WallTime;
    };

/** What is to become of a service after an end. */
export type Decision =
  | { readonly kind: "again" }
  /** It stays down; `outcome` is null when the operator wanted that. */
  | { readonly kind: "rest"; readonly outcome: Outcome | null };

/** Exit code of `./finish` that means "do not start it again"; s6 has the same. */
const notAgain = 125;

/** What is known when a service has ended. `failures` counts those within the window of the limit, this one included. */
export interface EndFacts {
  readonly exit: End | null;
  readonly verdict: Verdict;
  readonly failures: number;
  readonly finish: End | null;
  readonly at: WallTime;
}

/** Decides whether a `./run` that is wanted up is started again. */
export function decideRestart(policy: RestartPolicy, facts: EndFacts): Decision {
  const { verdict, failures, finish, at, exit } = facts;
  const isRefused = policy.heedsFinish && finish?.kind === "exited" && finish.code === notAgain;
  const fail = (reason: "restart-limit" | "restart" | "finish", text: string): Decision => ({
    kind: "rest",
    outcome: { kind: "failed", reason, text, at },
  });
  if (verdict === "asked") return isRefused ? { kind: "rest", outcome: null } : { kind: "again" };
  if (verdict === "success") {
    return isRefused || policy.restart !== "always" ? { kind: "rest", outcome: { kind: "done" } } : { kind: "again" };
  }
  if (policy.restart === "never") return fail("restart", describeEnd(exit));
  if (isRefused) return fail("finish", `${describeEnd(exit)}, and ./finish exited ${notAgain}`);
  const { limit } = policy;
  if (limit === null || failures <= limit.count) return { kind: "again" };
  const seconds = limit.millis / 1000;
  return fail("restart-limit", `${counted(failures, "failure")} within ${counted(seconds, "second")}`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** An end of a script in words; null means that it could not be started. */
export function describeEnd(exit: End | null, script: "./run" | "./check" = "./run"): string {
  if (exit === null) return `${script} could not be started`;
  if (exit.kind === "unknown") return `${script} ended, nobody knows how`;
  return exit.kind === "exited" ? `${script} exited ${exit.code}` : `${script} was killed by signal ${exit.signal}`;
}

/** The failures that are still within the window of the limit. Times are monotonic. */
export function withinLimit(failures: readonly number[], { limit }: RestartPolicy, now: number): readonly number[] {
  return limit === null ? none : failures.filter((at) => now - at < limit.millis);
}

/**
 * How long a start waits after an end, in ms, and how long the next one would. After an uptime of MAX or more, or an
 * end that was asked for, the row of pauses begins anew.
 *
 * @param current the pause that the row has reached; null: none yet.
 */
export function pauseAfter(
  { min, max, factor }: RestartDelay,
  current: number | null,
  uptime: number,
  isAsked: boolean,
): { readonly pause: number; readonly next: number | null } {
  if (isAsked) return { pause: uptime < min ? min : 0, next: null };
  if (uptime >= max) return { pause: 0, next: null };
  const pause = Math.min(current ?? min, max);
  return { pause, next: Math.min(max, Math.max(1, pause * factor)) };
}
