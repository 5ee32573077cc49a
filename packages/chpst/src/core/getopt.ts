import type { ByteText } from "./byte-text.ts";
import type { Stop } from "./plan.ts";

/** An option with its value, which is empty for one that takes none. */
export interface FoundOption {
  readonly letter: string;
  readonly value: ByteText;
}

/** The options of a command line, and what is behind them. */
export interface FoundOptions {
  /** Those before what stopped the reading. */
  readonly options: readonly FoundOption[];
  readonly operands: readonly ByteText[];
  /** Null when all could be read. */
  readonly stop: Stop | null;
}

/** Who complains, and the lines that follow. */
export interface Complainer {
  readonly name: ByteText;
  readonly usage: ByteText;
}

/**
 * Takes options apart as runit's getopt does: they may be bundled (`-vP`), a value may be glued
 * (`-n5`) or the next word, whatever that is, and the first operand or `--` ends them. Operands are
 * left as they are.
 *
 * @param known the letters, with a colon behind those that take a value.
 */
export function takeOptions(known: string, args: readonly ByteText[], complainer: Complainer): FoundOptions {
  const options: FoundOption[] = [];
  const ended = (operands: readonly ByteText[]): FoundOptions => ({ options, operands, stop: null });
  const stopped = (stop: Stop): FoundOptions => ({ options, operands: [], stop });
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "-" || !word.startsWith("-")) return ended(args.slice(at));
    if (word === "--") return ended(args.slice(at + 1));
    if (word.startsWith("--")) return stopped(readLong(word, complainer));
    for (let position = 1; position < word.length; position++) {
      const letter = word.charAt(position);
      const place = letter === ":" ? -1 : known.indexOf(letter);
      if (place === -1) return stopped(complain(`illegal option -- ${letter}`, complainer));
      if (known.charAt(place + 1) !== ":") {
        options.push({ letter, value: "" });
        continue;
      }
      const glued = word.slice(position + 1);
      if (glued === "") at++;
      const value = glued === "" ? args[at] : glued;
      if (value === undefined) return stopped(complain(`option requires an argument -- ${letter}`, complainer));
      options.push({ letter, value });
      break;
    }
  }
  return ended([]);
}

function readLong(word: ByteText, complainer: Complainer): Stop {
  if (word === "--help") return "help";
  return word === "--version" ? "version" : complain(`illegal option -- ${word.slice(2)}`, complainer);
}

function complain(about: string, { name, usage }: Complainer): Stop {
  return { complaint: `${name}: ${about}\n${usage}` };
}
