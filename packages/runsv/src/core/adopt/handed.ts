import type { Process } from "../moment.ts";

/**
 * What an engine tells the one that takes its place in the same process, when the program is executed anew. All else is on
 * record in `supervise`, as for a `runsv` that is killed.
 */
export interface Handed {
  /** The `./check` that works now. */
  readonly check: Process | null;
  /** Descriptor of the pipe by which `./run` tells that it is ready. */
  readonly notification: number | null;
  /** What of the service's output has been read and not written: see log-prefix. In base64. */
  readonly output: { readonly lines: string; readonly unfinished: string } | null;
}

/** Reads what another version of this suite may have written: what is not there counts as nothing. Null: there is nothing. */
export function decodeHanded(value: unknown): Handed | null {
  if (typeof value !== "object" || value === null) return null;
  const { check, notification, output } = value as Partial<Handed>;
  const { pid, group, startTicks } = (check ?? {}) as Partial<Process>;
  const isProcess = typeof pid === "number" && typeof group === "number" && typeof startTicks === "number";
  const { lines, unfinished } = output ?? {};
  return {
    check: isProcess ? { pid, group, startTicks } : null,
    notification: typeof notification === "number" ? notification : null,
    output: typeof lines === "string" && typeof unfinished === "string" ? { lines, unfinished } : null,
  };
}
