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
  readonly output: HandedOutput | null;
  /** The same of its standard error, where that goes through us. */
  readonly errors: HandedOutput | null;
}

interface HandedOutput {
  readonly lines: string;
  readonly unfinished: string;
}

/** Reads what another version of this suite may have written: what is not there counts as nothing. Null: there is nothing. */
export function decodeHanded(value: unknown): Handed | null {
  if (typeof value !== "object" || value === null) return null;
  const { check, notification, output, errors } = value as Partial<Handed>;
  const { pid, group, startTicks } = (check ?? {}) as Partial<Process>;
  const isProcess = typeof pid === "number" && typeof group === "number" && typeof startTicks === "number";
  return {
    check: isProcess ? { pid, group, startTicks } : null,
    notification: typeof notification === "number" ? notification : null,
    output: outputOf(output),
    errors: outputOf(errors),
  };
}

function outputOf(value: Partial<HandedOutput> | null | undefined): HandedOutput | null {
  const { lines, unfinished } = value ?? {};
  return typeof lines === "string" && typeof unfinished === "string" ? { lines, unfinished } : null;
}
