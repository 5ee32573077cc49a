import { parseArgs } from "node:util";

import { node, runit, standalone } from "../suites/runit.ts";
import type { Suite } from "../suites/suite.ts";

const selectable = [standalone, node, runit];

/** What can be done for long. */
const soaks = ["hooks", "restarts", "log", "long-lines"] as const;

export type Soak = (typeof soaks)[number];

const usage = `usage: npm --prefix bench run soak -- [--only soak]... [--build name]... [option n]...

  --only soak    only this: ${soaks.join(", ")}; may be repeated
  --build name   only this: standalone, node or runit; may be repeated
  --restarts n   let services exit so many times in all (10000)
  --services n   so many services in parallel; each exits once a second (20)
  --minutes n    stop after this time even if there were fewer
  --hooks n      let one runsv run so many control scripts, as fast as it can (10000)
  --gigabytes n  let svlogd log so much (10)
  --megabytes n  let svlogd log a line of so much, and as much again in lines of many lengths (1000)
`;

/** What the command line asks for. */
export interface SoakOptions {
  readonly suites: readonly Suite[];
  readonly restarts: number;
  readonly services: number;
  /** In ms. */
  readonly longest: number;
  readonly hooks: number;
  readonly soaks: readonly Soak[];
  readonly gigabytes: number;
  readonly megabytes: number;
}

/** Parses the command line; ends the process when it is wrong, or asks for help. */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: "string", multiple: true, default: [] },
        build: { type: "string", multiple: true, default: [] },
        restarts: { type: "string", default: "10000" },
        services: { type: "string", default: "20" },
        minutes: { type: "string" },
        hooks: { type: "string", default: "10000" },
        gigabytes: { type: "string", default: "10" },
        megabytes: { type: "string", default: "1000" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return end(usage, 0);
    return {
      suites: select(values.build),
      restarts: count("restarts", values.restarts),
      services: count("services", values.services),
      longest: values.minutes === undefined ? Infinity : count("minutes", values.minutes) * 60_000,
      hooks: count("hooks", values.hooks),
      soaks: selectSoaks(values.only),
      gigabytes: count("gigabytes", values.gigabytes),
      megabytes: count("megabytes", values.megabytes),
    };
  } catch (error) {
    return end(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, 2);
  }
}

function select(names: readonly string[]): readonly Suite[] {
  const unknown = names.find((name) => !selectable.some((suite) => suite.name === name));
  if (unknown !== undefined)
    throw new Error(`--build ${unknown}: there are ${selectable.map((s) => s.name).join(", ")}`);
  return names.length === 0 ? selectable : selectable.filter(({ name }) => names.includes(name));
}

function selectSoaks(names: readonly string[]): readonly Soak[] {
  const unknown = names.find((name) => !soaks.some((soak) => soak === name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${soaks.join(", ")}`);
  return names.length === 0 ? soaks : soaks.filter((soak) => names.includes(soak));
}

function count(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${option} ${text}: a whole number`);
  return Number(text);
}

function end(text: string, code: number): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}
