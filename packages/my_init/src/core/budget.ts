import { millisOfSeconds } from "@upkeep/program/core/seconds";

/** The steps of a stop that have a time of their own. */
export type TimedStep = "main" | "preShutdown" | "services" | "postShutdown" | "all";

/** The times that the container was given, in ms; null: it was given none. */
export interface Budget {
  /** KILL_PROCESS_TIMEOUT: for each step but the last. */
  readonly process: number | null;
  /** KILL_ALL_PROCESSES_TIMEOUT: for the last step. */
  readonly all: number | null;
}

/**
 * When a step is over by default, in ms from the beginning of the stop. The time that a step leaves is the next one's.
 * Between them there is time for a kill. All of it ends within 9 s: a container engine sends its KILL after 10.
 */
const shares: Readonly<Record<TimedStep, number>> = {
  main: 3000,
  preShutdown: 4000,
  services: 6200,
  postShutdown: 7800,
  all: 8400,
};

/** What a step gets in any case, in ms. */
const least = 200;

/** What a step gets after a second signal, in ms. */
const hasty = 1000;

/** Reads whole seconds, as ms; null when the text is no such number. */
export function readSeconds(text: string): number | null {
  return millisOfSeconds(text.trim());
}

/** When a step that begins now must be over; times are in ms of the monotonic clock. */
export function deadlineOf(step: TimedStep, budget: Budget, since: number, at: number, isHasty: boolean): number {
  const asked = step === "all" ? budget.all : budget.process;
  const deadline = asked === null ? Math.max(since + shares[step], at + least) : at + asked;
  return isHasty ? shortened(deadline, at) : deadline;
}

/** A deadline after a second signal. */
export function shortened(deadline: number, at: number): number {
  return Math.min(deadline, at + hasty);
}

/**
 * The time-out, in seconds, that runsvdir is started with: no less than what it will be given. When that is over depends
 * on the steps before, so runsvdir is told.
 */
export function servicesSeconds({ process }: Budget): number {
  return Math.ceil((process ?? shares.services) / 1000);
}
