import { build } from "./build/build.ts";
import { writeLayer } from "./image/write-layer.ts";
import { type Report, runBunTests, runCheck, runVitest } from "./test/runners.ts";
import { add, failure, render, type Tally } from "./test/tally.ts";
import { withEmptyTemporary } from "./test/temporary.ts";

// Tests everything, or the parts that are named; other words select test files: npm test [-- part ...] [-- word ...]

type Runs = Readonly<Record<string, () => Promise<Report>>>;

/** A part is a list of runs; each adds to the total. */
const parts: Readonly<Record<string, Runs>> = {
  build: { build: () => runCheck("build") },
  unit: {
    "unit on Node": () => withEmptyTemporary((directory) => runVitest("vitest.config.ts", words, directory)),
    "unit on Bun": () => withEmptyTemporary((directory) => runBunTests(words, directory)),
  },
  types: { types: () => runCheck("check") },
  lint: { lint: () => runCheck("lint") },
  knip: { knip: () => runCheck("knip") },
  e2e: { e2e: runEndToEnd },
};

/** The parts of one step run side by side. End-to-end tests wait for commands, and have the machine to themselves. */
const steps: readonly (readonly string[])[] = [["build"], ["unit", "types", "lint", "knip"], ["e2e"]];

const isPart = (word: string): boolean => Object.hasOwn(parts, word);
const selected = process.argv.slice(2).filter(isPart);
const words = process.argv.slice(2).filter((word) => !isPart(word));

// Some of the tools colour what they say wherever CI is set.
if (!process.stdout.isTTY) process.env["NO_COLOR"] ??= "1";

const results: [name: string, tally: Tally, seconds: number][] = [];
for (const step of steps) {
  const asked = step.filter((part) => selected.length === 0 || selected.includes(part));
  const runs: Runs = Object.assign({}, ...asked.map((part) => parts[part]));
  const started = Object.entries(runs).map(([name, run]) => ({ name, ended: timed(run) }));
  for (const { name, ended } of started) {
    console.log(`\n== ${name}`);
    const { tally, output, seconds } = await ended;
    if (output !== "") console.log(output);
    results.push([name, tally, seconds]);
  }
}

console.log();
for (const [name, tally, seconds] of results) {
  console.log(`${name.padEnd(14)}${render(tally)} (${seconds.toFixed(1)} s)`);
}
const total = results.map(([, tally]) => tally).reduce(add);
console.log(render(total));
process.exit(total.failed > 0 ? 1 : 0);

async function timed(run: () => Promise<Report>): Promise<Report & { readonly seconds: number }> {
  const start = performance.now();
  // One broken part does not hide the results of the others.
  const report = await run().catch((error: unknown) => {
    console.error(error);
    return { tally: failure, output: "" };
  });
  return { ...report, seconds: (performance.now() - start) / 1000 };
}

async function runEndToEnd(): Promise<Report> {
  // They test what is in dist/, so a selected run must not meet an old build.
  await build();
  // The layer that is tested has the default time stamp.
  delete process.env["SOURCE_DATE_EPOCH"];
  await writeLayer({ manuals: false, gzip: false });
  return runVitest("e2e/vitest.config.ts", words);
}
