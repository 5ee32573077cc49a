import { blockOutputs } from "@upkeep/linux/fd/descriptor";
import yargs, { type Options } from "yargs";

import { harmless } from "../core/one-line.ts";
import { type HelpLine, renderHelp } from "../core/help.ts";
import type { Invocation } from "./invocation.ts";
import { Answer, UsageError } from "../core/usage.ts";
import { version } from "../core/version.ts";

/** An option as yargs takes it. */
export interface Option extends Options {
  readonly describe: string;
  /** What `--help` calls the argument of an option that has one. */
  readonly argument?: string;
}

/** The command line of a program. */
export interface CommandLine<O extends Readonly<Record<string, Option>>> {
  /** The usage in the field's form, complete with its line ends: for standard error, after a wrong command line. */
  readonly usage: string;
  /** What `--help` prints before the list of options: a line that begins with `usage:`, then what the program does. */
  readonly help: string;
  /** Where to read on: the manual page. */
  readonly manual: string;
  readonly options: O;
}

/** What was found: the options by name, and the operands. */
export interface Parsed {
  readonly options: Readonly<Record<string, unknown>>;
  readonly operands: readonly string[];
}

/**
 * Parses options up to the first operand, as the field's programs do: `-vw 2` and `-w2` work, `--` ends the options, a
 * lone `-` is an operand. There are no abbreviations, and no options behind operands.
 *
 * Throws {@link Answer} for `--help` and `--version`, and {@link UsageError} with getopt's words for an option that
 * does not exist or lacks its argument.
 */
export function parseOptions<O extends Readonly<Record<string, Option>>>(
  invocation: Invocation,
  commandLine: CommandLine<O>,
): Parsed {
  try {
    return parse(invocation, commandLine);
  } finally {
    blockOutputs();
  }
}

/**
 * Answers a command line with `--help` or `--version`: throws {@link Answer}, or {@link UsageError} for any other long
 * option.
 */
export function answerHelp<O extends Readonly<Record<string, Option>>>(
  invocation: Invocation,
  commandLine: CommandLine<O>,
): never {
  parseOptions(invocation, commandLine);
  throw new UsageError(commandLine.usage);
}

function parse(
  { name, args }: Invocation,
  { usage, help, manual, options }: CommandLine<Readonly<Record<string, Option>>>,
): Parsed {
  let shown: string | null = null;
  const ownVersion = `${name} ${version}`;
  const parser = yargs()
    .scriptName(name)
    .options(forYargs(options))
    .help("help")
    .version(ownVersion)
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "duplicate-arguments-array": false,
      "halt-at-non-option": true,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "populate--": false,
      "strip-aliased": true,
    })
    .wrap(null)
    .locale("en")
    .detectLocale(false)
    .exitProcess(false)
    .strictOptions()
    .fail((message, error) => {
      if (message === null && error.name !== "YError") throw error;
      throw new UsageError(`${harmless(name)}: ${fieldWords(message ?? error.message)}\n${usage}`);
    });
  const found = parser.parseSync([...args], {}, (_error, _argv, output) => {
    if (output !== "") shown = output;
  });
  if (shown !== null) {
    // The help of yargs has lines of any width, and shows the types of options.
    const isVersion = (shown as string) === ownVersion;
    throw new Answer(isVersion ? `${ownVersion}\n` : renderHelp(help, helpLines(options), manual));
  }
  const { _: operands, $0: _script, ...values } = found;
  return { options: values, operands: operands.map(String) };
}

function helpLines(options: Readonly<Record<string, Option>>): readonly HelpLine[] {
  const own = Object.entries(options).map(([name, { describe, argument }]): HelpLine => {
    const dashed = name.length === 1 ? `-${name}` : `--${name}`;
    return { words: argument === undefined ? dashed : `${dashed} ${argument}`, describe };
  });
  return [
    ...own,
    { words: "--help", describe: "show this help" },
    { words: "--version", describe: "show the version" },
  ];
}

/** Keeps yargs from taking an operand named `true` or `false` as the value of a flag before it. */
function forYargs(options: Readonly<Record<string, Option>>): Readonly<Record<string, Options>> {
  const entries = Object.entries(options).map(([name, { argument: _argument, ...option }]): [string, Options] => {
    return [name, option.type === "boolean" ? { nargs: 0, ...option } : option];
  });
  return Object.fromEntries(entries);
}

/** getopt's sentence in place of that of yargs, for the option that stands last in the message. */
function fieldWords(message: string): string {
  const option = /: (\S+)\s*$/.exec(message)?.[1] ?? "?";
  return message.startsWith("Unknown") ? `illegal option -- ${option}` : `option requires an argument -- ${option}`;
}
