import { harmless } from "@upkeep/program/core/one-line";
import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import { writeText } from "@upkeep/program/messages/output";

/** What svlogd says on stderr. */
export interface Messages {
  readonly fatal: (message: string) => void;
  readonly warning: (message: string) => void;
  /** Lines could not be written. They wait and nothing is lost. */
  readonly pausing: (message: string) => void;
  /** What it does; with -v only. */
  readonly info: (message: string) => void;
}

export function createMessages(isVerbose: boolean): Messages {
  const say = (severity: string, message: string): void => {
    writeText(2, `svlogd: ${severity}: ${harmless(message)}\n`);
  };
  return {
    ...createDiagnostics("svlogd"),
    pausing: (message) => say("pausing", message),
    info: (message) => {
      if (isVerbose) say("info", message);
    },
  };
}
