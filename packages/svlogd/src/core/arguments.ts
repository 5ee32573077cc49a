import { bytesOfName } from "@upkeep/linux/core/name-text";
import { describeProblem, type FoundOption, getopt } from "@upkeep/program/core/getopt";
import { harmless } from "@upkeep/program/core/one-line";
import { version } from "@upkeep/program/core/version";

/** What the command line asks for. */
export interface LogOptions {
  /** How many `-t`; 0: no time stamps. */
  readonly stamp: 0 | 1 | 2 | 3;
  readonly isVerbose: boolean;
  /** What bytes that are not printable are replaced by (-r); null: they are kept. */
  readonly replacement: number | null;
  /** Bytes to be replaced as well (-R). */
  readonly alsoReplaced: Uint8Array;
  /** How many bytes of a line are inspected (-l). */
  readonly lineLength: number;
  readonly directories: readonly string[];
}

/** A command line that cannot be obeyed, with the sentence to say before the usage. */
export interface Misuse {
  readonly complaint: string;
}

const defaultLineLength = 1000;
const defaultBufferLength = 1024;
const underscore = 0x5f;
const mostTs = 3;

/**
 * Reads the command line as runit's svlogd does.
 *
 * @param name who complains. @returns `long` when it asks for help or the version.
 */
export function readArguments(name: string, args: readonly string[]): LogOptions | Misuse | "long" {
  const { options, operands, problem } = getopt("tvr:R:l:b:", args);
  // A -r that is wrong comes before what is wrong behind it.
  if (options.some(({ letter, value }) => letter === "r" && bytesOf(value).length !== 1)) return { complaint: "" };
  if (problem?.kind === "long") return "long";
  if (problem?.kind === "unknown" && problem.letter === "V") return { complaint: `$Id: upkeep ${version} $\n` };
  if (problem !== null) return { complaint: `${harmless(name)}: ${describeProblem(problem)}\n` };
  const lineLength = leadingNumber(last(options, "l")) || defaultLineLength;
  const bufferLength = leadingNumber(last(options, "b")) || defaultBufferLength;
  if (operands.length === 0 || bufferLength <= lineLength) return { complaint: "" };
  const alsoReplaced = last(options, "R");
  const [replacement = alsoReplaced === undefined ? null : underscore] = bytesOf(last(options, "r"));
  return {
    stamp: Math.min(options.filter(({ letter }) => letter === "t").length, mostTs) as LogOptions["stamp"],
    isVerbose: last(options, "v") !== undefined,
    replacement,
    alsoReplaced: bytesOf(alsoReplaced),
    lineLength,
    directories: operands,
  };
}

/** The value of the last option with this letter. */
function last(options: readonly FoundOption[], letter: string): string | undefined {
  return options.findLast((option) => option.letter === letter)?.value;
}

/** The digits a text begins with; none are 0. */
function leadingNumber(text: string = ""): number {
  return Number(/^\d*/.exec(text)?.[0] ?? "");
}

function bytesOf(text: string = ""): Uint8Array {
  return Uint8Array.from(bytesOfName(text));
}
