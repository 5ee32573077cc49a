import type { RestartDelay, RestartPolicy } from "@upkeep/service-directory/core/run-settings";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import type { End } from "./moment.ts";

/** What `sv` has asked for that may end `./run`: a signal by its number, an exit with any code, or anything at all. */
export type Asked = number | "exit" | "anything";

const SIGKILL = 9;

/** What an end of `./run` is. `asked` is neither success nor failure: the operator wanted it. */
export type Verdict = "success" | "failure" | "asked";

/**
 * Judges an end; null is a `./run` that could not be started. One that nobody knows is no success, and was asked for if
 * an end was: a signal that need not end anything does not tell.
 */
export function judgeExit(exit: End | null, asked: readonly Asked[], { exitOk }: RestartPolicy): Verdict {
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

/** Why a service that is wanted up is not started again: it has done its work, or failed for good. */
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
  /** It stays down; `outcome` is null when that is all there is to say. */
  | { readonly kind: "rest"; readonly outcome: Outcome | null };

/** Exit code of `./finish` that means "do not start it again"; s6 has the same. */
const notAgain = 125;

/** What is known when a service has ended: `failures` are those within the window of the limit, this one included. */
export interface EndFacts {
  readonly exit: End | null;
  readonly verdict: Verdict;
  readonly failures: number;
  readonly finish: End | null;
  readonly at: WallTime;
}

/** Decides whether `./run` is started again, which is wanted up. */
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
  if (policy.restart === "never") return fail("restart", describeExit(exit));
  if (isRefused) return fail("finish", `${describeExit(exit)}, and ./finish exited ${notAgain}`);
  const { limit } = policy;
  if (limit === null || failures <= limit.count) return { kind: "again" };
  const seconds = limit.millis / 1000;
  return fail("restart-limit", `${counted(failures, "failure")} within ${counted(seconds, "second")}`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** An end of a script in words; null is one that could not be started. */
export function describeExit(exit: End | null, script: "./run" | "./check" = "./run"): string {
  if (exit === null) return `${script} could not be started`;
  if (exit.kind === "unknown") return `${script} ended, nobody knows how`;
  return exit.kind === "exited" ? `${script} exited ${exit.code}` : `${script} was killed by signal ${exit.signal}`;
}

/** The failures that are still within the window. Times are monotonic. */
export function withinLimit(failures: readonly number[], { limit }: RestartPolicy, now: number): readonly number[] {
  return limit === null ? [] : failures.filter((at) => now - at < limit.millis);
}

/**
 * How long a start waits after an end, in ms, and how long it would the next time. An uptime of MAX or more starts
 * all over, and an end that was asked for counts as the first.
 *
 * @param current the pause that was reached; null: none yet.
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
