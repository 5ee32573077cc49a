/** Where an orderly stop stands. Times are in ms of the monotonic clock. */
export interface StopProgress {
  /** `asked`: the services are asked to stop, each in its turn; `forced`: each has been sent a kill. */
  readonly stage: "asked" | "forced";
  readonly deadline: number;
  /** When the next line says what the stop waits for. */
  readonly reportAt: number;
  /** When somebody last asked for it. */
  readonly askedAt: number;
}

/** What an orderly stop does next. */
export type StopMove = "wait" | "report" | "force" | "kill";

/** Time between two lines about what a stop waits for, and what is left after its time-out, in ms. */
const reportEvery = 2000;
const graceAfterForce = 2000;

export function beginStop(at: number, timeout: number): StopProgress {
  return { stage: "asked", deadline: at + timeout, reportAt: at + reportEvery, askedAt: at };
}

/** How the stop goes on at a moment. */
export function moveStop(stop: StopProgress, at: number): { readonly move: StopMove; readonly stop: StopProgress } {
  if (at >= stop.deadline) {
    if (stop.stage === "forced") return { move: "kill", stop };
    return { move: "force", stop: { ...stop, stage: "forced", deadline: at + graceAfterForce, reportAt: Infinity } };
  }
  if (at >= stop.reportAt) return { move: "report", stop: { ...stop, reportAt: at + reportEvery } };
  return { move: "wait", stop };
}

/** When {@link moveStop} is due. */
export function nextMove(stop: StopProgress): number {
  return Math.min(stop.deadline, stop.reportAt);
}
