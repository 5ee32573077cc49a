import { parseArgs } from "node:util";

import { type Finding, lint } from "@upkeep/lint/core/lint";
import { takeSnapshot } from "@upkeep/lint/read/snapshot";
import { harmless, harmlessJson } from "@upkeep/program/core/one-line";
import { Answer, UsageError, usageText } from "@upkeep/program/core/usage";

import { say } from "../show/console.ts";
import { optionProblem } from "../core/option-problem.ts";

const synopsis = "lint [--json] [--strict] [--root directory] [--read-only] [directory ...]";

const help = `usage: sv ${synopsis}

Says what is wrong with service directories, without running anything. A
directory is that of a service, or holds some. Without one: SVDIR.

  --json              an object with all findings
  --strict            fail for warnings as well
  --root directory    what is / for the services: users and interpreters are
                      looked for there
  --read-only         the directories will be on a read-only file system
  --help              show this help

The manual is sv(8).
`;

const options = {
  json: { type: "boolean" },
  strict: { type: "boolean" },
  root: { type: "string" },
  "read-only": { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** Version of the JSON. Within a version fields are only added. */
const version = 1;

/**
 * `sv lint`. Throws {@link UsageError}; Answer for `--help`; SystemError where a directory cannot be read.
 *
 * @returns the exit code: 1 if there is something wrong, otherwise 0.
 */
export function runLint(words: readonly string[], scanDirectory: string): number {
  const { values, positionals } = parse(words);
  if (values.help === true) throw new Answer(help);
  const surroundings = { root: (values.root ?? "").replace(/\/+$/, ""), isReadOnly: values["read-only"] === true };
  const findings = lint(takeSnapshot(positionals.length === 0 ? [scanDirectory] : positionals, surroundings));
  if (values.json === true) say(harmlessJson(JSON.stringify({ version, findings: findings.map(describe) })));
  else for (const finding of findings) say(harmless(render(finding)));
  return findings.some(({ severity }) => severity === "error" || values.strict === true) ? 1 : 0;
}

function parse(words: readonly string[]): ReturnType<typeof parseWords> {
  try {
    return parseWords(words);
  } catch (error) {
    throw new UsageError(`sv lint: ${harmless(optionProblem(error))}\n${usageText("sv", synopsis)}`);
  }
}

const parseWords = (words: readonly string[]) => parseArgs({ args: [...words], options, allowPositionals: true });

/** In the order that the manual tells. */
function describe({ rule, severity, file, line, message, mend }: Finding): Finding {
  return { rule, severity, file, line, message, mend };
}

/** As compilers put it, so that editors find the line. */
function render({ rule, severity, file, line, message, mend }: Finding): string {
  return `${file}${line === null ? "" : `:${line}`}: ${severity}: ${message}; ${mend} [${rule}]`;
}
