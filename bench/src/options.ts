import { parseArgs } from "node:util";

import type { Subject } from "./scenarios/scenario.ts";

const usage = `usage: npm run bench -- [--only name]... [--rounds n] [--quick] [--json file] [--write]

  --only name   measure only this; may be repeated
  --rounds n    take turns so many times (5)
  --quick       fewer samples and shorter waits, to try things out
  --json file   write all samples into a file
  --write       put the result into docs/performance.md
`;

/** What the command line asks for. */
export interface Options {
  readonly subjects: readonly Subject[];
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly json: string | undefined;
  readonly write: boolean;
}

/** Parses the command line; ends the process when it is wrong, or asks for help. */
export function parseOptions(args: readonly string[], subjects: readonly Subject[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: "string", multiple: true, default: [] },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
        json: { type: "string" },
        write: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return end(usage, 0);
    const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: a number from 1 on`);
    return {
      subjects: select(subjects, values.only),
      rounds,
      isQuick: values.quick,
      json: values.json,
      write: values.write,
    };
  } catch (error) {
    return end(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, 2);
  }
}

function select(subjects: readonly Subject[], names: readonly string[]): readonly Subject[] {
  const known = subjects.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${known.join(", ")}`);
  return names.length === 0 ? subjects : subjects.filter(({ name }) => names.includes(name));
}

function end(text: string, code: number): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}
