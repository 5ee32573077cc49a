import { harmless } from "../core/one-line.ts";
import { writeText } from "./output.ts";

/** Prints what went wrong, a line each, to standard error: `runsv app: warning: unable to open log/run: access denied`. */
export interface Diagnostics {
  /** For a start that cannot go on. It prints only: the caller exits. */
  readonly fatal: (message: string) => void;
  /** For an error that does not end the program. */
  readonly warning: (message: string) => void;
}

/**
 * Makes the messages of a program in the field's form.
 *
 * @param prefix the program and what it works on: "runsv app", "runsvdir /etc/service".
 * @param before is done before each message is written.
 */
export function createDiagnostics(prefix: string, before?: () => void): Diagnostics {
  return {
    fatal: (message) => print(`${prefix}: fatal: ${message}`, before),
    warning: (message) => print(`${prefix}: warning: ${message}`, before),
  };
}

function print(message: string, before: (() => void) | undefined): void {
  before?.();
  writeText(2, `${harmless(message)}\n`);
}
