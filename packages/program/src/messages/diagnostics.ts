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

/** A message stays one line whatever names it holds: control characters are shown as `\x0a`. */
export function oneLine(message: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return message.replace(/[\x00-\x1f\x7f]/g, escapeCharacter);
}

/**
 * Likewise of decoded text, where those from 0x80 on are control characters, too: terminals obey them. In text that
 * has a character for each byte they belong to longer ones.
 */
export function harmless(text: string): string {
  return oneLine(text).replace(/[\x80-\x9f]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
