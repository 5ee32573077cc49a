import { harmless, harmlessLines } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import { FatalError } from "@upkeep/program/process/run-program";
import { SystemError } from "@upkeep/linux/core/errno";
import { bytesOf, type ByteText } from "@upkeep/linux/core/byte-text";
import { nameOf } from "@upkeep/linux/core/name-text";

/** Messages on standard error. Names in them keep their bytes. */
export interface Messages {
  readonly warn: (message: ByteText) => void;
  /** Prints complete lines and returns the code. */
  readonly complain: (lines: ByteText, code: number) => number;
  /** Prints a fatal error and returns the code. Throws a defect of ours on. */
  readonly report: (error: unknown, code: number) => number;
}

export function createMessages(name: string): Messages {
  const say = (severity: string, message: ByteText): void => {
    writeText(2, `${name}: ${severity}: ${harmless(decoded(message))}\n`);
  };
  return {
    warn: (message) => say("warning", message),
    complain: (lines, code) => {
      writeText(2, harmlessLines(decoded(lines)));
      return code;
    },
    report: (error, code) => {
      if (!(error instanceof FatalError || error instanceof SystemError)) throw error;
      say("fatal", error.message);
      return code;
    },
  };
}

/** What a terminal obeys shows only in characters. Bytes that are none stay. */
function decoded(text: ByteText): string {
  return nameOf(bytesOf(text));
}
