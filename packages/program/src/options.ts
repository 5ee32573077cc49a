import { blockOutputs } from "@upkeep/syscalls/descriptor";
import yargs, { type Options } from "yargs";

import type { Invocation } from "./invocation.ts";
import { writeText } from "./output.ts";
import { UsageError } from "./usage.ts";
import { version } from "./version.ts";

/** The command line of a program. */
export interface CommandLine<O extends Readonly<Record<string, Options>>> {
  /** The field's one-line usage, complete with its line ends: printed to stderr for a wrong command line. */
  readonly usage: string;
  /** What `--help` prints before the list of options: synopsis and what the program does. */
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
 * Parses options up to the first operand, as the field's programs do: `-vw 2`, `-w2`, `--` ends
 * them, a lone `-` is an operand, no abbreviations, no permutation.
 *
 * @returns null when `--help` or `--version` has been answered. Throws {@link UsageError} with the
 * field's words for an option that does not exist or lacks its argument.
 */
export function parseOptions<O extends Readonly<Record<string, Options>>>(
  invocation: Invocation,
  commandLine: CommandLine<O>,
): Parsed | null {
  try {
    return parse(invocation, commandLine);
  } finally {
    blockOutputs();
  }
}

function parse(
  { name, args }: Invocation,
  { usage, help, manual, options }: CommandLine<Readonly<Record<string, Options>>>,
): Parsed | null {
  let shown: string | null = null;
  const parser = yargs()
    .scriptName(name)
    .usage(help)
    .options(withoutValues(options))
    .help("help")
    .version(`${name} ${version}`)
    .describe({ help: "show this help", version: "show the version" })
    .epilogue(`See ${manual}.`)
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
      throw new UsageError(`${name}: ${fieldWords(message ?? error.message)}\n${usage}`);
    });
  const found = parser.parseSync([...args], {}, (_error, _argv, output) => {
    if (output !== "") shown = output;
  });
  if (shown !== null) {
    writeText(1, `${shown as string}\n`);
    return null;
  }
  const { _: operands, $0: _script, ...values } = found;
  return { options: values, operands: operands.map(String) };
}

/** A flag never takes what follows: yargs would swallow an operand by the name of `true` or `false`. */
function withoutValues(options: Readonly<Record<string, Options>>): Readonly<Record<string, Options>> {
  const entries = Object.entries(options).map(([name, option]): [string, Options] => {
    return [name, option.type === "boolean" ? { nargs: 0, ...option } : option];
  });
  return Object.fromEntries(entries);
}

/** getopt's two sentences in place of yargs' own, for the option named last in yargs' message. */
function fieldWords(message: string): string {
  const option = /: (\S+)\s*$/.exec(message)?.[1] ?? "?";
  return message.startsWith("Unknown") ? `illegal option -- ${option}` : `option requires an argument -- ${option}`;
}
