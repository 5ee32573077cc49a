import { harmless } from "./one-line.ts";

/** An option with its value, which is empty where the option takes none. */
export interface FoundOption {
  readonly letter: string;
  readonly value: string;
}

/** What a program cannot make sense of. */
export type OptionProblem =
  | { readonly kind: "unknown"; readonly letter: string }
  | { readonly kind: "valueMissing"; readonly letter: string }
  /** A word like `--help`: a letter has one dash. `name` is without the dashes. */
  | { readonly kind: "long"; readonly name: string };

/** The options of a command line, and the words behind them. */
export interface FoundOptions {
  /** The options before the problem, if there is one. */
  readonly options: readonly FoundOption[];
  /** The operands; after a problem the words from the one that holds it. */
  readonly operands: readonly string[];
  /** Whether `--` ended the options. */
  readonly isEndMarked: boolean;
  readonly problem: OptionProblem | null;
}

/**
 * Reads options as getopt(3) of the field's programs does: letters may be bundled (`-vw2`), a value may be glued to
 * its letter or be the next word, whatever that is. The first operand ends the options, and so does `--`; a lone `-` is
 * an operand.
 *
 * The words may be text or bytes with one character each.
 *
 * @param letters the known letters, with a colon behind each that takes a value.
 */
export function getopt(letters: string, words: readonly string[]): FoundOptions {
  const options: FoundOption[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const found = (from: number, problem: OptionProblem | null): FoundOptions => {
      return { options, operands: words.slice(from), isEndMarked: from > at, problem };
    };
    if (word === "-" || !word.startsWith("-")) return found(at, null);
    if (word === "--") return found(at + 1, null);
    if (word.startsWith("--")) return found(at, { kind: "long", name: word.slice(2) });
    const bundle = readBundle(letters, word, words[at + 1]);
    options.push(...bundle.options);
    if (bundle.problem !== null) return found(at, bundle.problem);
    if (bundle.tookNext) at++;
  }
  return { options, operands: [], isEndMarked: false, problem: null };
}

interface Bundle {
  readonly options: readonly FoundOption[];
  /** Whether the next word is the value of the last option. */
  readonly tookNext: boolean;
  readonly problem: OptionProblem | null;
}

function readBundle(letters: string, word: string, next: string | undefined): Bundle {
  const options: FoundOption[] = [];
  for (let at = 1; at < word.length; at++) {
    const letter = String.fromCodePoint(word.codePointAt(at) ?? 0);
    const place = letter === ":" ? -1 : letters.indexOf(letter);
    if (place === -1) return { options, tookNext: false, problem: { kind: "unknown", letter } };
    if (letters.charAt(place + 1) !== ":") {
      options.push({ letter, value: "" });
      continue;
    }
    const glued = word.slice(at + 1);
    const value = glued === "" ? next : glued;
    if (value === undefined) return { options, tookNext: false, problem: { kind: "valueMissing", letter } };
    options.push({ letter, value });
    return { options, tookNext: glued === "", problem: null };
  }
  return { options, tookNext: false, problem: null };
}

/** getopt's sentence about a problem, without the program's name and a line end. */
export function describeProblem(problem: OptionProblem): string {
  switch (problem.kind) {
    case "unknown":
      return `illegal option -- ${harmless(problem.letter)}`;
    case "long":
      return `illegal option -- ${harmless(problem.name)}`;
    case "valueMissing":
      return `option requires an argument -- ${harmless(problem.letter)}`;
    default:
      return problem satisfies never;
  }
}
