/** What the command line asks for. */
export interface Wishes {
  readonly directory: string;
  /** Each runsv leads a session of its own (-P). */
  readonly newSession: boolean;
  readonly isOrderly: boolean;
  /** In ms. */
  readonly stopTimeout: number;
  /** The LOG argument, and how many words follow it. */
  readonly log: { readonly text: string; readonly following: number } | null;
}

/** `long`: begins with an option in our long form, or has one behind -P; to be parsed with the option parser. */
export type Words = Wishes | "usage" | "long";

export const defaultStopTimeout = 7000;

const defaults: Omit<Wishes, "directory" | "log"> = {
  newSession: false,
  isOrderly: false,
  stopTimeout: defaultStopTimeout,
};

/**
 * Reads the command line as runit does: only the first word can be an option. `-P`, also with
 * anything glued to it, is one; `--` is passed over; any other, as `-x`, is the directory.
 */
export function readWords(args: readonly string[]): Words {
  const [first = "", second = ""] = args;
  if (isLong(first) || (first === "-P" && isLong(second))) return "long";
  if (first.startsWith("-P")) return readOperands(args.slice(1), { ...defaults, newSession: true });
  return readOperands(first === "--" ? args.slice(1) : args, defaults);
}

function isLong(word: string): boolean {
  return word.startsWith("--") && word !== "--";
}

/** Reads what follows the options. */
export function readOperands(
  operands: readonly string[],
  options: Omit<Wishes, "directory" | "log">,
): Wishes | "usage" {
  const [directory, text] = operands;
  if (directory === undefined) return "usage";
  const log = text === undefined ? null : { text, following: operands.length - 2 };
  return { ...options, directory, log };
}
