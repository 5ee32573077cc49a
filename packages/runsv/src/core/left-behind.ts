import type { Effect } from "./effect.ts";
import type { Process } from "./moment.ts";
import type { Slot } from "./slot.ts";
import { stepTo, type SlotStep } from "./slot-step.ts";

/** A process that a `./run` has left running when it exited 0 at once: it has put itself into the background. */
export interface LeftBehind {
  readonly pid: number;
  readonly name: string;
}

/** Milliseconds: a `./run` that ends by success within this time may have put itself into the background. */
const atOnce = 1000;

/**
 * Looks for what the `./run` that has just ended left behind, where its end looks like that. A later end forgets what an
 * earlier one left, but not a failure at once, of which it may be the reason.
 */
export function lookBehind(slot: Slot, run: Process, isAsked: boolean): SlotStep {
  const { lastExit, want, settings } = slot;
  const isQuick = lastExit !== null && lastExit.ranMillis < atOnce;
  const isSuccess = lastExit?.exit?.kind === "exited" && lastExit.exit.code === 0;
  const isLikely = isQuick && isSuccess && want === "up" && !isAsked && settings.policy.restart === "always";
  if (slot.name === "service" && isLikely) return stepTo(slot, lookEffect(run, lastExit.group ?? run.group));
  return stepTo(isQuick && !isSuccess && !isAsked ? slot : { ...slot, leftBehind: null });
}

/** The kernel keeps so many bytes of a name. */
const commLength = 15;

/** What every service is called until its script becomes another program. It says nothing about which service that is. */
const ofScripts = "run";

/**
 * Whether a script names a program that goes by this name (/proc/PID/comm). Its first line does not count: the interpreter
 * that stands there runs many other scripts, and this one has the name of its file.
 */
export function mayStart(script: string, name: string): boolean {
  const text = script.replace(/^#!.*/, "");
  return (
    name !== "" && name !== ofScripts && text.split(/[^\w.+-]+/).some((word) => word.slice(0, commLength) === name)
  );
}

function lookEffect(run: Process, group: number): Effect {
  return { kind: "lookBehind", run: { ...run, group } };
}

/**
 * The answer to `lookBehind`.
 *
 * @param leadsSession whether that process leads a session: then it may be what setsid(1) has forked, as it does for the
 * leader of a group.
 */
export function leftBehindFound(slot: Slot, found: LeftBehind | null, leadsSession: boolean): SlotStep {
  if (found === null) return stepTo(slot);
  const { pid, name } = found;
  const placing = leadsSession && !slot.placing.isProven ? ({ next: "group", isProven: true } as const) : slot.placing;
  const next: Slot = { ...slot, leftBehind: { pid, name }, placing };
  const message =
    `./run exited 0 at once and left ${name} (pid ${pid}) in the background: ` +
    `keep it in the foreground (no "&", no option that makes it a daemon)`;
  return slot.leftBehind === null ? stepTo(next, { kind: "warn", message }) : stepTo(next);
}
