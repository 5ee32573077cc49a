import { parseArgs } from "node:util";

import { harmless } from "@upkeep/program/core/one-line";
import { Answer, UsageError, usageText } from "@upkeep/program/core/usage";

import { optionProblem } from "../core/option-problem.ts";

/** What `sv log` is asked for. */
export interface LogRequest {
  readonly follows: boolean;
  /** How many lines, the last ones; null: all. */
  readonly lines: number | null;
  /** Microseconds since 1970; null where the command line does not say. */
  readonly since: number | null;
  readonly until: number | null;
  /** 1 for the last run, 2 for the one before it; null: not of one run only. */
  readonly run: number | null;
  readonly pattern: RegExp | null;
  readonly isJson: boolean;
  readonly isUtc: boolean;
  readonly services: readonly string[];
}

/** How many lines are shown unless something else limits them. */
const usualLines = 20;
const synopsis =
  "log [-f] [-n lines] [--since time] [--until time] [--run last|number] [--grep pattern] [--json] [--utc] [service ...]";

const help = `usage: sv ${synopsis}

Shows what services have logged, merged by time. Without services, of all.

  -f, --follow         go on with what comes
  -n, --lines lines    the last lines, or all: 20, but all if --since, --until,
                       --run or --grep is there
  --since time         from then on: 2h, 1h30m, 14:05, 2026-11-28, today,
                       '2026-11-28 14:05:30', with Z for UTC
  --until time         up to then
  --run last|number    of the last start of ./run only; 2: of the one before it
  --grep pattern       lines with a match of the regular expression
  --json               an object for each line
  --utc                times in UTC
  --help               show this help

The manual is sv(8).
`;

const options = {
  follow: { type: "boolean", short: "f" },
  lines: { type: "string", short: "n" },
  since: { type: "string" },
  until: { type: "string" },
  run: { type: "string" },
  grep: { type: "string" },
  json: { type: "boolean" },
  utc: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/**
 * Reads the words behind `log`: options and services in any order. Throws {@link UsageError}, and Answer for `--help`.
 *
 * @param parseWhen reads a moment; null where it is none.
 */
export function readLogRequest(words: readonly string[], parseWhen: (text: string) => number | null): LogRequest {
  const { values, positionals: services } = parse(words);
  if (values.help === true) throw new Answer(help);
  const moment = (name: "since" | "until"): number | null => {
    const text = values[name];
    if (text === undefined) return null;
    return parseWhen(text) ?? refuse(`illegal argument -- ${name} ${text}`);
  };
  const [since, until] = [moment("since"), moment("until")];
  const isLimited = [since, until, values.run ?? null, values.grep ?? null].some((one) => one !== null);
  return {
    follows: values.follow === true,
    lines: linesOf(values.lines, isLimited),
    since,
    until,
    run: values.run === undefined ? null : runOf(values.run),
    pattern: values.grep === undefined ? null : patternOf(values.grep),
    isJson: values.json === true,
    isUtc: values.utc === true,
    services,
  };
}

function parse(words: readonly string[]): ReturnType<typeof parseWords> {
  try {
    return parseWords(words);
  } catch (error) {
    return refuse(optionProblem(error));
  }
}

const parseWords = (words: readonly string[]) => parseArgs({ args: [...words], options, allowPositionals: true });

function linesOf(text: string | undefined, isLimited: boolean): number | null {
  if (text === undefined) return isLimited ? null : usualLines;
  if (text === "all") return null;
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse(`illegal argument -- n ${text}`);
}

function runOf(text: string): number {
  if (text === "last") return 1;
  return /^[1-9]\d?$/.test(text) ? Number(text) : refuse(`illegal argument -- run ${text}`);
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch {
    return refuse(`illegal regular expression -- ${text}`);
  }
}

function refuse(reason: string): never {
  throw new UsageError(`sv log: ${harmless(reason)}\n${usageText("sv", synopsis)}`);
}
