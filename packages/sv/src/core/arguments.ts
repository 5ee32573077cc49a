import type { Mode } from "@upkeep/client/core/commands";
import { usualScanDirectory } from "@upkeep/client/core/service-path";
import { describeProblem, type FoundOptions, getopt, type OptionProblem } from "@upkeep/program/core/getopt";
import { harmless } from "@upkeep/program/core/one-line";
import { UsageError } from "@upkeep/program/core/usage";
import { version } from "@upkeep/program/core/version";

import { commandLineOf, modeOf, usageError } from "./command-line.ts";

/** What the options and the environment say. */
export interface Settings {
  /** Where services are that are named without a path. */
  readonly directory: string;
  /** Wait and report also for commands that do not by themselves. */
  readonly isVerbose: boolean;
  readonly waitSeconds: number;
}

/** What the command line and the environment say. */
export interface Request extends Settings {
  readonly mode: Mode;
  /** The word for what to do. */
  readonly command: string;
  /** The services, as they were typed. */
  readonly services: readonly string[];
}

/** Options and operands, told apart. */
export interface Words {
  readonly options: { readonly v?: boolean; readonly w?: string };
  readonly operands: readonly string[];
}

/** A command line with long options, which yargs reads. Its letters are spelled out. */
export interface LongOptions {
  readonly args: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultWaitSeconds = "7";

/**
 * Reads the options. The first one that cannot be obeyed, or that ends the program, decides. Throws
 * {@link UsageError}.
 *
 * @returns the words; where a long option is among them, the arguments for `parseOptions`.
 */
export function readOptions(name: string, args: readonly string[]): Words | LongOptions {
  const { options, operands, problem } = readLetters(name, args);
  if (problem?.kind === "long") return { args: spellOut(name, args) };
  if (problem !== null) throw optionError(name, problem);
  return {
    options: Object.fromEntries(options.map(({ letter, value }) => [letter, letter === "w" ? value : true])),
    operands,
  };
}

function readLetters(name: string, args: readonly string[]): FoundOptions {
  const found = getopt("vVw:", args);
  if (found.options.some(({ letter }) => letter === "V")) {
    throw new UsageError(`$Id: upkeep ${version} $\n${commandLineOf(name).usage}`);
  }
  if (found.problem?.kind === "unknown") throw optionError(name, found.problem);
  return found;
}

function optionError(name: string, problem: OptionProblem): UsageError {
  return new UsageError(`${harmless(name)}: ${describeProblem(problem)}\n${commandLineOf(name).usage}`);
}

/** Takes bundled and glued options apart, `-vw2` into `-v --w=2`, because yargs does not read them as getopt does. */
function spellOut(name: string, args: readonly string[]): readonly string[] {
  const { options, operands, problem } = readLetters(name, args);
  const words = options.map(({ letter, value }) => (letter === "w" ? `--w=${value}` : "-v"));
  if (problem === null) return [...words, "--", ...operands];
  const [word = "", ...rest] = operands;
  return problem.kind === "long" ? [...words, word, ...spellOut(name, rest)] : [...words, "-w"];
}

/** Reads command and services. Throws {@link UsageError} when one of them is missing. */
export function readRequest(name: string, words: Words, environment: Environment): Request {
  const mode = modeOf(name);
  const [command, ...operands] = words.operands;
  const services = mode === "sv" ? operands : [name];
  if (command === undefined || services.length === 0) throw usageError(name);
  return { mode, command, services, ...readSettings(words, environment) };
}

/** The part of {@link readRequest} that does not depend on the operands. */
export function readSettings({ options }: Words, environment: Environment): Settings {
  const { v = false, w } = options;
  return {
    directory: usualScanDirectory(environment),
    isVerbose: v || w !== undefined,
    waitSeconds: leadingNumber(w ?? environment["SVWAIT"] ?? defaultWaitSeconds),
  };
}

/** Reads a number as the field's programs do, from the digits that a text begins with: "2x" is 2, "x" and "-1" are 0. */
function leadingNumber(text: string): number {
  return Number(/^\d*/.exec(text)?.[0] ?? "");
}
