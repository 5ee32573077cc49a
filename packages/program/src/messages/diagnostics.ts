import { oneLine } from "../core/one-line.ts";
import { writeText } from "./output.ts";

/** Says what went wrong, one line each on stderr: `runsv app: warning: unable to open log/run: access denied`. */
export interface Diagnostics {
  /** For a start that cannot go on. Saying it is all this does; the exit code is the caller's. */
  readonly fatal: (message: string) => void;
  /** For trouble that does not end the program. */
  readonly warning: (message: string) => void;
}

/**
 * Messages of a program in the field's form.
 *
 * @param prefix who speaks, and about what: "runsv app", "runsvdir /etc/service".
 */
export function createDiagnostics(prefix: string): Diagnostics {
  const say = (severity: string, message: string): void => {
    writeText(2, `${prefix}: ${severity}: ${oneLine(message)}\n`);
  };
  return {
    fatal: (message) => say("fatal", message),
    warning: (message) => say("warning", message),
  };
}
