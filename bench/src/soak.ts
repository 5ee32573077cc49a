import { missingPrograms } from "./contender.ts";
import { progress } from "./progress.ts";
import { crashLoop } from "./soak/crash-loop.ts";
import { hookLoop } from "./soak/hook-loop.ts";
import { logFlood } from "./soak/log-flood.ts";
import { longLines } from "./soak/long-lines.ts";
import { parseSoakOptions, type Soak } from "./soak/options.ts";
import type { Stage } from "./soak/sample.ts";
import { renderStages } from "./soak/table.ts";
import type { Suite } from "./suites/suite.ts";
import { cleanUpAtExit } from "./trial/cleanup.ts";

// Shows what runsv takes while it starts and reaps children for long, and svlogd while it logs much: npm --prefix bench run soak -- --help

const options = parseSoakOptions(process.argv.slice(2));
const suites = options.suites.filter((suite) => missingPrograms(suite).length === 0);
for (const { title, hint } of options.suites.filter((suite) => !suites.includes(suite))) {
  process.stdout.write(`skipped ${title}; to enable: ${hint}\n`);
}
cleanUpAtExit();

const { hooks, services, restarts, gigabytes, megabytes } = options;
const all: Readonly<Record<Soak, readonly [title: string, work: (suite: Suite) => Promise<readonly Stage[]>]>> = {
  hooks: [`one runsv that runs control scripts, ${hooks} of them`, (suite) => hookLoop(suite, options)],
  restarts: [
    `each runsv of ${services} whose services exit at once, ${restarts} restarts in all`,
    (suite) => crashLoop(suite, options),
  ],
  log: [`svlogd -tt with ${gigabytes} GB in lines of 100 bytes`, (suite) => logFlood(suite, options)],
  "long-lines": [
    `svlogd with one line of ${megabytes} MB, and as much in lines of many lengths, counted in bytes`,
    (suite) => longLines(suite, options),
  ],
};
for (const name of options.soaks) await soak(...all[name]);

/** All suites at the same time: they are to be watched, not to be compared in speed. */
async function soak(title: string, work: (suite: Suite) => Promise<readonly Stage[]>): Promise<void> {
  progress(title);
  const outcomes = await Promise.allSettled(suites.map(work));
  progress("");
  const stages = new Map<string, readonly Stage[]>();
  for (const [index, outcome] of outcomes.entries()) {
    const suite = suites[index]?.title ?? "";
    if (outcome.status === "fulfilled") stages.set(suite, outcome.value);
    else {
      process.stdout.write(`error: ${suite}: ${outcome.reason}\n`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(`${title}; of several the median and (the most)\n\n${renderStages(stages)}\n\n`);
}
