import { goDown, reportEnd, verdictOf } from "./down.ts";
import type { Effect } from "./effect.ts";
import type { End, Moment, Process } from "./moment.ts";
import { lookBehind } from "./left-behind.ts";
import { learnPlacement } from "./placement.ts";
import { forkPause, isReady, unknownExit, type LastExit, type Running, type Slot, type SlotState } from "./slot.ts";
import { andThen, stepTo, type SlotStep } from "./slot-step.ts";

/** Milliseconds from TERM to KILL for leftovers, unless `timeout-kill` says. */
const leftoverTimeout = 5000;
/** Milliseconds after the first KILL until leftovers are given up: a process that hangs in the kernel cannot be ended. */
const leftoverPatience = 2000;
/** Milliseconds between two looks at leftovers, whose end nobody announces: the pause grows between these. */
const pollPause = { first: 1, last: 50 };

type Leftovers = SlotState & { readonly kind: "leftovers" };

/**
 * `./run` has ended. Its leftovers are ended next, then `./finish` runs.
 *
 * @param seenGroup the process group that it was in at its end; null: that of its start.
 */
export function runExited(slot: Slot, exit: End, seenGroup: number | null, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "run") return stepTo(slot);
  const { since, startedAt, settings, process, progress } = state;
  const killCheck: readonly Effect[] =
    progress.kind === "polled" && progress.check !== null ? [{ kind: "killCheck", process: progress.check }] : [];
  const group = seenGroup ?? process.group;
  const lastExit: LastExit = { exit, group, at: at.wall, ranMillis: at.monotonic - startedAt };
  const ended = learn({ ...slot, isPaused: false, gotTerm: false, lastExit }, state, group, at);
  const told = stepTo(ended, ...killCheck, ...reportEnd(ended, isReady(slot)));
  const isAsked = verdictOf(ended) === "asked";
  return andThen(
    andThen(told, (next) => lookBehind(next, process, isAsked)),
    (reported) => {
      if (!settings.endsLeftovers && !settings.endsOrphans)
        return runEnded(reported, { since, startedAt, settings }, at);
      const leftovers = leftoversOf(group, at);
      return checkLeftovers({ ...reported, state: { ...leftovers, since, startedAt, settings } });
    },
  );
}

/** Learns from the end of a start how the next one is to be placed. */
function learn(slot: Slot, run: SlotState & { readonly kind: "run" }, group: number, at: Moment): Slot {
  const { placement, startedAt, process, progress, settings } = run;
  if (placement === null) return slot;
  const isDeclared = settings.readiness?.kind === "notification-fd" || settings.readiness?.kind === "check";
  const wasReady = isDeclared && progress.kind === "ready";
  // A program that cannot make its group says so and exits.
  const isFailure = verdictOf(slot) === "failure" && slot.lastExit?.exit?.kind === "exited";
  // Nobody has seen the end of an adopted process, but it may have been found in a group of its own.
  const hasLeft = group !== process.group || group === process.pid;
  const end = { placement, startedAt, wasReady, isFailure, hasLeft };
  return { ...slot, placing: learnPlacement(slot.placing, end, at) };
}

/** Where the end of a process group begins. */
export function leftoversOf(group: number, at: Moment): Omit<Leftovers, keyof Running> {
  return {
    kind: "leftovers",
    group,
    groupAt: Math.floor(at.boot),
    isTermed: false,
    killAt: Infinity,
    giveUpAt: Infinity,
    pollAt: at.monotonic,
    pollPause: pollPause.first,
  };
}

/** Asks whether leftovers are there. */
export function checkLeftovers(slot: Slot): SlotStep {
  const { state } = slot;
  if (state.kind !== "leftovers") return stepTo(slot);
  const { group, settings } = state;
  const { endsOrphans: orphans, endsLeftovers } = settings;
  const check: Effect = { kind: "checkLeftovers", slot: slot.name, group, orphans, keepsMembers: !endsLeftovers };
  return stepTo({ ...slot, state: { ...state, pollAt: Infinity } }, check);
}

/** The answer to `checkLeftovers`. */
export function leftoversChecked(slot: Slot, isAny: boolean, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "leftovers") return stepTo(slot);
  if (!isAny) return runEnded(slot, state, at);
  if (at.monotonic >= state.giveUpAt) {
    const message = `unable to end process group ${state.group}, going on`;
    return andThen(stepTo(slot, { kind: "warn", message }), (warned) => runEnded(warned, state, at));
  }
  return signalLeftovers(slot, state, at);
}

/** TERM and CONT at first; KILL when their time is over, at each look, since new processes may be born between two. */
function signalLeftovers(slot: Slot, state: Leftovers, at: Moment): SlotStep {
  const { group, settings } = state;
  const { endsOrphans: orphans, endsLeftovers } = settings;
  const target = { kind: "signalLeftovers", group, orphans, keepsMembers: !endsLeftovers } as const;
  const pollAt = at.monotonic + state.pollPause;
  const polled: Leftovers = { ...state, pollAt, pollPause: Math.min(state.pollPause * 2, pollPause.last) };
  if (!state.isTermed) {
    const timeout = settings.timeoutKill ?? leftoverTimeout;
    const killAt = timeout === 0 ? Infinity : at.monotonic + timeout;
    const termed: Slot = { ...slot, state: { ...polled, isTermed: true, killAt } };
    return stepTo(termed, { ...target, signal: "SIGTERM" }, { ...target, signal: "SIGCONT" });
  }
  if (at.monotonic < state.killAt) return stepTo({ ...slot, state: polled });
  const giveUpAt = Math.min(state.giveUpAt, at.monotonic + leftoverPatience);
  return stepTo({ ...slot, state: { ...polled, giveUpAt } }, { ...target, signal: "SIGKILL" });
}

/** Nothing of `./run` is left, as far as it could be ended. A log has no `./finish`. */
export function runEnded(slot: Slot, { since, startedAt, settings }: Running, at: Moment): SlotStep {
  const running: Running = { since, startedAt, settings };
  if (slot.name === "log") return goDown(slot, running, null, at);
  return startFinish({ ...slot, state: { kind: "ended", ...running, retryAt: Infinity } });
}

/** The pause after a failed start of `./finish` is over. */
export function retryFinish(slot: Slot): SlotStep {
  const { state } = slot;
  return state.kind === "ended" ? startFinish({ ...slot, state: { ...state, retryAt: Infinity } }) : stepTo(slot);
}

function startFinish(slot: Slot): SlotStep {
  const last = slot.lastExit ?? unknownExit(slot.state.since);
  return stepTo({ ...slot, lastExit: last }, { kind: "startFinish", last });
}

/** `./finish` runs. */
export function finishStarted(slot: Slot, process: Process, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "ended") return stepTo(slot);
  const { since, startedAt, settings } = state;
  const { timeoutFinish } = settings;
  const killAt = timeoutFinish === 0 ? Infinity : at.monotonic + timeoutFinish;
  return stepTo({ ...slot, state: { kind: "finish", since, startedAt, settings, process, killAt } });
}

/** There is no `./finish`, or it cannot be executed, or (`retry`) the system had no process to give. */
export function finishSkipped(slot: Slot, retry: boolean, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "ended") return stepTo(slot);
  if (retry) return stepTo({ ...slot, state: { ...state, retryAt: at.monotonic + forkPause } });
  return goDown(slot, state, null, at);
}

/** KILL to `./finish`, whose time is over. */
export function killFinish(slot: Slot): SlotStep {
  const { state } = slot;
  if (state.kind !== "finish") return stepTo(slot);
  return stepTo({ ...slot, state: { ...state, killAt: Infinity } }, { kind: "killFinish", process: state.process });
}

/** `./finish` has ended. */
export function finishExited(slot: Slot, exit: End, at: Moment): SlotStep {
  const { state } = slot;
  return state.kind === "finish" ? goDown(slot, state, exit, at) : stepTo(slot);
}
