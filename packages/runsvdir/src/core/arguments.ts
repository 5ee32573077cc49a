import { millisOfSeconds } from "@upkeep/program/core/seconds";

/** What the command line says. */
export interface Options {
  readonly directory: string;
  /** Each runsv leads a session of its own (-P). */
  readonly newSession: boolean;
  readonly isOrderly: boolean;
  /** The engines of services live in this process. */
  readonly isInline: boolean;
  /** In ms. */
  readonly stopTimeout: number;
  /** The LOG argument, and the number of words after it. */
  readonly log: { readonly text: string; readonly following: number } | null;
}

/** `long`: a long option comes first, or behind -P, and the option parser must read it. */
export type Words = Options | "usage" | "long";

export const defaultStopTimeout = 7000;

const defaults: Omit<Options, "directory" | "log"> = {
  newSession: false,
  isOrderly: false,
  isInline: false,
  stopTimeout: defaultStopTimeout,
};

/**
 * Reads the command line as runit does: only the first word can be an option. `-P` is one, whatever follows it in that
 * word; `--` is passed over; any other word, such as `-x`, is the directory.
 */
export function readWords(args: readonly string[]): Words {
  const [first = "", second = ""] = args;
  if (isLong(first) || (first === "-P" && isLong(second))) return readPlain(args);
  if (first.startsWith("-P")) return readOperands(args.slice(1), { ...defaults, newSession: true });
  return readOperands(first === "--" ? args.slice(1) : args, defaults);
}

function isLong(word: string): boolean {
  return word.startsWith("--") && word !== "--";
}

/**
 * Reads long options as programs give them, each written out and followed by a directory. The option parser reads all
 * else; it takes 1.4 MB for as long as we live.
 */
function readPlain(args: readonly string[]): Words {
  let options = defaults;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    const timeout = word === "--stop-timeout" ? millisOfSeconds(args[++at] ?? "") : null;
    if (timeout !== null) options = { ...options, stopTimeout: timeout };
    else if (word === "--inline") options = { ...options, isInline: true };
    else if (word === "--orderly") options = { ...options, isOrderly: true };
    else if (word === "-P") options = { ...options, newSession: true };
    else return word.startsWith("-") ? "long" : readOperands(args.slice(at), options);
  }
  return "long";
}

/** Reads what follows the options. */
export function readOperands(
  operands: readonly string[],
  options: Omit<Options, "directory" | "log">,
): Options | "usage" {
  const [directory, text] = operands;
  if (directory === undefined) return "usage";
  const log = text === undefined ? null : { text, following: operands.length - 2 };
  return { ...options, directory, log };
}
