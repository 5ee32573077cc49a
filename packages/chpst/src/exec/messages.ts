import { oneLine } from "@upkeep/program/core/one-line";
import { writeBytes } from "@upkeep/program/messages/output";
import { FatalError } from "@upkeep/program/process/run-program";
import { SystemError } from "@upkeep/linux/core/errno";
import { bytesOf, type ByteText } from "@upkeep/linux/core/byte-text";

/** Messages on standard error. Names in them keep their bytes. */
export interface Messages {
  readonly warn: (message: ByteText) => void;
  /** Prints complete lines and returns the code. */
  readonly complain: (lines: ByteText, code: number) => number;
  /** Prints a fatal error and returns the code. Throws a defect of ours on. */
  readonly report: (error: unknown, code: number) => number;
}

export function createMessages(name: string): Messages {
  const say = (text: ByteText): void => {
    writeBytes(2, bytesOf(text));
  };
  return {
    warn: (message) => say(`${name}: warning: ${oneLine(message)}\n`),
    complain: (lines, code) => {
      say(lines);
      return code;
    },
    report: (error, code) => {
      if (!(error instanceof FatalError || error instanceof SystemError)) throw error;
      say(`${name}: fatal: ${oneLine(error.message)}\n`);
      return code;
    },
  };
}
