import { parseArgs } from "node:util";

import { Chance } from "../e2e/rig/core/chance.ts";
import * as suites from "../e2e/rig/core/suites.ts";
import { newRig } from "../e2e/rig/core/test-rig.ts";
import { storm } from "../e2e/rig/storm/storm.ts";
import { build } from "./build/build.ts";

// Disturbs many services at random for ten minutes, and says what has broken: npm run storm -- --help

const usage = `usage: npm run storm -- [option]...

  --seconds n   for so long (600)
  --services n  so many (100)
  --seed n      repeats what another storm has decided; default: a new one, which is printed
  --processes   a runsv for each service; default: all engines in runsvdir
  --node        the commands on Node; default: the stand-alone ones
`;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    services: { type: "string", default: "100" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 32)) },
    processes: { type: "boolean", default: false },
    node: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const [seconds, services, seed] = [values.seconds, values.services, values.seed].map(Number);
if (![seconds, services, seed].every((number) => Number.isInteger(number))) {
  process.stderr.write(usage);
  process.exit(2);
}

await build();
console.log(`seed ${seed}`);
await using rig = await newRig(values.node ? suites.node : suites.standalone);
const mode = values.processes ? [] : ["--inline"];
try {
  await storm(rig, {
    kind: { hasRunsv: values.processes, services: services ?? 0, acts: 40 },
    words: [...mode, "--orderly", "--stop-timeout", "60"],
    numbers: new Chance(rig, seed),
    duration: (seconds ?? 0) * 1000,
    patience: 2000,
    onBurst: (bursts, acts) => {
      if (bursts % 20 === 0) console.log(`${bursts} bursts, ${acts} acts`);
    },
  });
  console.log("nothing has broken");
} catch (error) {
  console.log(rig.describe());
  console.log(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
