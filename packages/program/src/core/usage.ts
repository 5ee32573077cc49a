import { harmless, harmlessLines } from "./one-line.ts";

/** The command line is wrong. The message is complete lines for standard error. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** @param lines may have words of the command line in them. */
  constructor(lines: string) {
    super(harmlessLines(lines));
  }
}

/** The command line asks only for help or the version. The message is that text, complete lines for standard output. */
export class Answer extends Error {
  override readonly name = "Answer";
}

/** The usage in the field's form: the line, then an empty one. */
export function usageText(calledAs: string, words: string): string {
  return `usage: ${harmless(calledAs)} ${words}\n\n`;
}
