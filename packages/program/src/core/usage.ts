/** A command line that cannot be obeyed. The message is complete lines, to be shown as it is. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command line asks for a text and for nothing else: help or the version. The message is that text, complete. */
export class Answer extends Error {
  override readonly name = "Answer";
}

/** The field's usage text: the line, then an empty one. */
export function usageText(calledAs: string, words: string): string {
  return `usage: ${calledAs} ${words}\n\n`;
}
