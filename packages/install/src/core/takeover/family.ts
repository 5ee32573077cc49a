import type { StatusRecord } from "@upkeep/supervise/core/status";

/** A child of a runsv. */
export interface Child {
  readonly pid: number;
  /** Whether it has ended, and waits to be reaped. */
  readonly hasEnded: boolean;
}

/**
 * Whether what a stopped runsv has on record is all that it has at work: each process on record is its child, and it has
 * no other one that lives, such as a control script or one that was started this moment.
 *
 * @param log null where there is no log.
 */
export function isComplete(service: StatusRecord, log: StatusRecord | null, children: readonly Child[]): boolean {
  const recorded = [service, ...(log === null ? [] : [log])].filter(({ pid }) => pid !== 0).map(({ pid }) => pid);
  const pids = children.map(({ pid }) => pid);
  const living = children.filter(({ hasEnded }) => !hasEnded).map(({ pid }) => pid);
  return recorded.every((pid) => pids.includes(pid)) && living.every((pid) => recorded.includes(pid));
}

/** What two processes have as their standard input, output and error: the text of links such as `pipe:[4711]`. */
export interface Ends {
  readonly service: readonly (string | null)[];
  readonly log: readonly (string | null)[];
}

/**
 * The inode of the pipe from a service to its log: standard input of the log or standard output of the service, which
 * the runsv has open as well. Null where that cannot be told.
 *
 * @param ofRunsv all that the runsv has open.
 */
export function logPipeOf({ service, log }: Ends, ofRunsv: readonly string[]): number | null {
  const isPipe = (link: string | null | undefined): link is string =>
    typeof link === "string" && /^pipe:\[\d+\]$/.test(link) && ofRunsv.includes(link);
  const found = [log[0], service[1]].find(isPipe);
  return found === undefined ? null : Number(found.slice("pipe:[".length, -1));
}
