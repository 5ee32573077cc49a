import { build } from "./build/build.ts";
import { writeLayer } from "./image/write-layer.ts";
import { runBunTests, runCheck, runVitest } from "./test/runners.ts";
import { add, failure, render, type Tally } from "./test/tally.ts";
import { inEmptyTemporary } from "./test/temporary.ts";

// Tests everything, or the parts that are named; other words select test files: npm test [-- part ...] [-- word ...]

/** A part is a list of runs; each adds to the total. */
const parts: Readonly<Record<string, Readonly<Record<string, () => Promise<Tally>>>>> = {
  build: { build: () => runCheck("build") },
  types: { types: () => runCheck("check") },
  lint: { lint: () => runCheck("lint") },
  knip: { knip: () => runCheck("knip") },
  unit: {
    "unit on Node": () => inEmptyTemporary(() => runVitest("vitest.config.ts", words)),
    "unit on Bun": () => inEmptyTemporary(() => runBunTests(words)),
  },
  e2e: { e2e: runEndToEnd },
};

const isPart = (word: string): boolean => Object.hasOwn(parts, word);
const selected = process.argv.slice(2).filter(isPart);
const words = process.argv.slice(2).filter((word) => !isPart(word));

// Some of the tools colour what they say wherever CI is set.
if (!process.stdout.isTTY) process.env["NO_COLOR"] ??= "1";

const results: [name: string, tally: Tally, seconds: number][] = [];
for (const part of selected.length > 0 ? selected : Object.keys(parts)) {
  for (const [name, run] of Object.entries(parts[part] ?? {})) {
    console.log(`\n== ${name}`);
    const start = performance.now();
    // One broken part does not hide the results of the others.
    const tally = await run().catch((error: unknown) => {
      console.error(error);
      return failure;
    });
    results.push([name, tally, (performance.now() - start) / 1000]);
  }
}

console.log();
for (const [name, tally, seconds] of results) {
  console.log(`${name.padEnd(14)}${render(tally)} (${seconds.toFixed(1)} s)`);
}
const total = results.map(([, tally]) => tally).reduce(add);
console.log(render(total));
process.exit(total.failed > 0 ? 1 : 0);

async function runEndToEnd(): Promise<Tally> {
  // They test what is in dist/, so a selected run must not meet an old build.
  await build();
  // The layer that is tested has the default time stamp.
  delete process.env["SOURCE_DATE_EPOCH"];
  await writeLayer({ manuals: false, gzip: false });
  return runVitest("e2e/vitest.config.ts", words);
}
