import type { RunSettings } from "@upkeep/service-directory/core/run-settings";
import { fieldsOf } from "@upkeep/supervise/core/json-fields";
import { timeOf, type Failure, type StateDetails } from "@upkeep/supervise/core/state-json";

import { lastExitOf } from "./resume.ts";
import type { Asked, Outcome } from "./policy.ts";
import { after, type Moment } from "./moment.ts";
import type { Slot } from "./slot.ts";
import type { Former } from "./trace.ts";

/** Milliseconds that a start may be put off by something else than a grown pause. */
const otherPause = 5000;

/** What `state.json` keeps for a replaced supervisor alone. Times are monotonic, in whole ms. */
export interface Memory {
  /** Failures within the window of `restart-limit`. */
  readonly failures: readonly number[];
  /** The pause that a row of failures has grown to, in ms; null: none. */
  readonly delay: number | null;
  /** Not started before; null where it is not down. */
  readonly startAt: number | null;
  readonly soonestAt: number | null;
  /** Which ends of this `./run` somebody has asked for. */
  readonly asked: readonly Asked[];
  /** Process group of the last `./run`. */
  readonly lastGroup: number | null;
}

/** What is to be remembered of a slot. */
export function memoryOf({ state, failures, delay, asked, lastExit }: Slot): Memory {
  const isDown = state.kind === "down";
  return {
    failures: failures.map(Math.round),
    delay,
    startAt: isDown ? Math.round(state.startAt) : null,
    soonestAt: isDown ? Math.round(state.soonestAt) : null,
    asked,
    lastGroup: lastExit?.group ?? null,
  };
}

/** Reads it; what makes no sense is as if it were not there. */
export function decodeMemory(value: unknown): Memory {
  const found = fieldsOf(value) ?? {};
  const { failures, asked } = found;
  const group = positive(found["lastGroup"]);
  return {
    failures: Array.isArray(failures) ? failures.map(positive).filter((at) => at !== null) : [],
    delay: positive(found["delay"]),
    startAt: positive(found["startAt"]),
    soonestAt: positive(found["soonestAt"]),
    asked: Array.isArray(asked) ? asked.filter(isAsked) : [],
    lastGroup: Number.isSafeInteger(group) ? group : null,
  };
}

function isAsked(value: unknown): value is Asked {
  return value === "exit" || value === "anything" || (Number.isInteger(value) && positive(value) !== null);
}

function positive(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : null;
}

/**
 * Whether a supervisor takes the place of one that was killed, rather than being started anew with everything around it:
 * both have the same parent, and the former one had not been told to end.
 *
 * @param parent the new one's, as in `SupervisorIdentity`.
 */
export function isReplacement({ trace, details }: Former, parent: string | null): boolean {
  const { want } = details;
  return parent !== null && trace.supervisor?.parent === parent && (want === "up" || want === "down");
}

/**
 * Of which slots all that was known is gone on with. A log is never gone on with where the service is not; a service that
 * has left no record leaves it to that of the log.
 */
export function whatIsReplaced(
  service: Former | null,
  log: Former | null,
  parent: string | null,
): { readonly service: boolean; readonly log: boolean } {
  const isReplaced = service !== null && isReplacement(service, parent);
  const isLogReplaced = log !== null && isReplacement(log, parent) && (service === null || isReplaced);
  return { service: isReplaced, log: isLogReplaced };
}

/**
 * The slot of a replaced supervisor: what is wanted, what has come of it, which failures count, and how long the next
 * start has to wait. Nothing of it runs (yet).
 */
export function remember(slot: Slot, { record, details, trace }: Former, found: RunSettings, at: Moment): Slot {
  const { memory } = trace;
  const { want, starts } = details;
  const known: Slot = {
    ...slot,
    want: want ?? slot.want,
    starts: starts ?? 0,
    lastExit: lastExitOf(details.lastExit, memory.lastGroup),
    outcome: record.state === "down" ? outcomeOf(details) : null,
    asked: memory.asked,
    failures: memory.failures.filter((failedAt) => failedAt <= at.monotonic),
    delay: memory.delay === null ? null : Math.min(memory.delay, found.policy.delay.max),
  };
  if (record.state !== "down" || slot.state.kind !== "down") return known;
  const latest = at.monotonic + Math.max(found.policy.delay.max, otherPause);
  const startAt = Math.min(memory.startAt ?? at.monotonic, latest);
  const soonestAt = Math.min(memory.soonestAt ?? at.monotonic, startAt);
  // What is wanted down has none on record.
  const wait = startAt - at.monotonic;
  const startsWhen = timeOf(details.nextStart) ?? (wait > 0 ? after(at, wait) : null);
  return {
    ...known,
    state: { ...slot.state, since: record.since, startAt, soonestAt, isOnce: details.once === true, startsWhen },
  };
}

function outcomeOf({ satisfied, failed }: StateDetails): Outcome | null {
  return failed === null ? (satisfied === true ? { kind: "done" } : null) : failureOf(failed);
}

function failureOf({ reason, text, at: when }: Failure): Outcome | null {
  const at = timeOf(when);
  if (at === null || (reason !== "restart" && reason !== "restart-limit" && reason !== "finish")) return null;
  return { kind: "failed", reason, text, at };
}
