import { writeFile } from "node:fs/promises";

import { measure } from "./measure.ts";
import { parseOptions } from "./options.ts";
import { progress } from "./progress.ts";
import { describeMachine, renderMachine } from "./report/machine.ts";
import { renderFailures, renderSkipped } from "./report/notes.ts";
import { writePage } from "./report/page.ts";
import { makeTable, renderMarkdown, renderText } from "./report/table.ts";
import { allScenarios } from "./scenarios/all.ts";
import { allSuites, missingPrograms } from "./suites/all.ts";
import { cleanUpAtExit } from "./trial/cleanup.ts";

// Measures ours beside the other suites that are installed: npm run bench -- --help

const options = parseOptions(process.argv.slice(2), allScenarios);
const { scenarios } = options;
const suites = allSuites.filter((suite) => missingPrograms(suite).length === 0);
const skipped = allSuites.filter((suite) => !suites.includes(suite));

cleanUpAtExit();
const machine = await describeMachine(suites);
const results = await measure({ ...options, suites });
progress("");

const table = makeTable(scenarios, suites, results);
const notes = renderSkipped(skipped) + renderFailures(results.failures);
process.stdout.write(`${renderText(table)}\n${renderMachine(machine)}\n${notes}`);

if (options.json !== undefined) {
  const { samples, failures } = results;
  await writeFile(options.json, `${JSON.stringify({ machine, rounds: options.rounds, samples, failures }, null, 2)}\n`);
}
if (options.write) await writePage(`${renderMarkdown(table)}\n${renderMachine(machine)}\n\n${notes}`);
