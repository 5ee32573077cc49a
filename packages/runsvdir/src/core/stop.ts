/** Where an orderly stop stands. `reportAt` is when it next says whom it waits for. */
export interface Stop {
  /** `asked`: each runsv has had TERM; `forced`: their services have been sent a kill. */
  readonly stage: "asked" | "forced";
  readonly deadline: number;
  readonly reportAt: number;
  /** When it was last asked for. */
  readonly askedAt: number;
}

/** What an orderly stop does next. */
export type StopMove = "wait" | "report" | "force" | "kill";

/** Time between two lines about whom a stop waits for, and what is left after its time-out, in ms. */
const reportEvery = 2000;
const graceAfterForce = 2000;

/** The stop begins: TERM has just been sent. Times are in ms of the monotonic clock. */
export function beginStop(at: number, timeout: number): Stop {
  return { stage: "asked", deadline: at + timeout, reportAt: at + reportEvery, askedAt: at };
}

/** How the stop goes on at a moment. */
export function moveStop(stop: Stop, at: number): { readonly move: StopMove; readonly stop: Stop } {
  if (at >= stop.deadline) {
    if (stop.stage === "forced") return { move: "kill", stop };
    const forced: Stop = { ...stop, stage: "forced", deadline: at + graceAfterForce, reportAt: Infinity };
    return { move: "force", stop: forced };
  }
  if (at >= stop.reportAt) return { move: "report", stop: { ...stop, reportAt: at + reportEvery } };
  return { move: "wait", stop };
}

/** When to look again. */
export function nextMove(stop: Stop): number {
  return Math.min(stop.deadline, stop.reportAt);
}

/** Longest list of names in a message. */
const namesShown = 8;

/** Names for a message: all of them while they are few. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, namesShown).join(", ");
  const rest = names.length - namesShown;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
