import { oneLine } from "@upkeep/program/core/one-line";
import { writeBytes } from "@upkeep/program/messages/output";
import { FatalError } from "@upkeep/program/process/run-program";
import { SystemError } from "@upkeep/linux/core/errno";
import { bytesOf, type ByteText } from "@upkeep/linux/core/byte-text";

/** Says what went wrong; names in it are shown in the bytes they came in. */
export interface Speaker {
  readonly warn: (message: ByteText) => void;
  /** Shows whole lines and returns the code. */
  readonly complain: (lines: ByteText, code: number) => number;
  /** Shows why there is no going on, and returns the code; anything but trouble of the system is thrown on. */
  readonly report: (error: unknown, code: number) => number;
}

export function createSpeaker(name: string): Speaker {
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
