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
  /** How many bytes of a line are looked at (-l). */
  readonly lineLength: number;
  readonly directories: readonly string[];
}

/** A command line that cannot be obeyed, with the sentence to say before the usage. */
export interface Misuse {
  readonly complaint: string;
}

/** `long`: asks for help or the version. */
export type Words = LogOptions | Misuse | "long";

const defaultLineLength = 1000;
const defaultBufferLength = 1024;
const underscore = 0x5f;
const mostTs = 3;

/** What has been read so far of the options. */
interface Options {
  stamp: number;
  isVerbose: boolean;
  replacement: number | null;
  alsoReplaced: Uint8Array;
  lineLength: number;
  bufferLength: number;
}

/**
 * Reads the command line as runit's getopt does: options may be bundled (`-ttv`), a value may be
 * glued (`-l80`) or the next word, whatever that is, and the first operand ends them.
 *
 * @param name who complains.
 */
export function readWords(name: string, args: readonly string[]): Words {
  const options: Options = {
    stamp: 0,
    isVerbose: false,
    replacement: null,
    alsoReplaced: new Uint8Array(),
    lineLength: defaultLineLength,
    bufferLength: defaultBufferLength,
  };
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "-" || !word.startsWith("-")) break;
    if (word === "--") {
      at++;
      break;
    }
    if (word.startsWith("--")) return "long";
    const read = readBundle(name, word, args[at + 1], options);
    if (typeof read === "object") return read;
    if (read === "took next") at++;
  }
  return finish(options, args.slice(at));
}

function readBundle(name: string, word: string, next: string | undefined, options: Options): Misuse | "took next" | "" {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    switch (letter) {
      case "t":
        options.stamp++;
        break;
      case "v":
        options.isVerbose = true;
        break;
      case "r":
      case "R":
      case "l":
      case "b": {
        const glued = word.slice(at + 1);
        const value = glued === "" ? next : glued;
        if (value === undefined) return { complaint: `${name}: option requires an argument -- ${letter}\n` };
        if (!takeValue(letter, value, options)) return { complaint: "" };
        return glued === "" ? "took next" : "";
      }
      default:
        return { complaint: complaintAbout(name, String.fromCodePoint(word.codePointAt(at) ?? 0)) };
    }
  }
  return "";
}

function complaintAbout(name: string, letter: string): string {
  return letter === "V" ? `$Id: upkeep ${version} $\n` : `${name}: illegal option -- ${letter}\n`;
}

function takeValue(letter: "r" | "R" | "l" | "b", value: string, options: Options): boolean {
  const bytes = new TextEncoder().encode(value);
  switch (letter) {
    case "r":
      options.replacement = bytes[0] ?? 0;
      return bytes.length === 1;
    case "R":
      options.alsoReplaced = bytes;
      options.replacement ??= underscore;
      return true;
    case "l":
      options.lineLength = leadingNumber(value) || defaultLineLength;
      return true;
    case "b":
      options.bufferLength = leadingNumber(value) || defaultBufferLength;
      return true;
  }
}

function finish(options: Options, directories: readonly string[]): LogOptions | Misuse {
  const { stamp, isVerbose, replacement, alsoReplaced, lineLength, bufferLength } = options;
  if (directories.length === 0 || bufferLength <= lineLength) return { complaint: "" };
  return {
    stamp: Math.min(stamp, mostTs) as LogOptions["stamp"],
    isVerbose,
    replacement,
    alsoReplaced,
    lineLength,
    directories,
  };
}

/** The digits a text begins with; none are 0. */
function leadingNumber(text: string): number {
  return Number(/^\d*/.exec(text)?.[0] ?? "");
}
