import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";

import { skippedNote } from "./contender.ts";
import { allGroups, curvesGroup } from "./groups.ts";
import { readOptions, select } from "./options.ts";
import { progress } from "./progress.ts";
import { describeMachine, renderMachine } from "./report/machine.ts";
import { writeCharts } from "./report/charts.ts";
import { writePage } from "./report/page.ts";
import { makeTable, renderMarkdown, renderText } from "./report/table.ts";
import { Results } from "./results.ts";
import { disposeAtExit } from "./trial/scratch.ts";

// Measures our builds beside the others that are installed: npm run bench -- --help

const usage = `usage: npm run bench -- [--only name]... [--rounds n] [--quick] [--json file] [--write]

  --only name   measure only this; may be repeated
  --rounds n    take turns so many times (5)
  --quick       fewer samples and shorter waits, to try things out
  --json file   write all samples into a file
  --write       put the result into docs/performance.md, where what was not measured stays
`;

const { scenarios, rounds, quick, json, write } = readOptions(
  usage,
  {
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    write: { type: "boolean", default: false },
  },
  (values) => {
    const count = Number(values.rounds ?? (values.quick ? 2 : 5));
    if (!Number.isInteger(count) || count < 1) throw new Error(`--rounds ${values.rounds}: a number from 1 on`);
    const all = allGroups.flatMap((group) => group.scenarios);
    return { ...values, rounds: count, scenarios: select("only", all, values.only) };
  },
);
const groups = allGroups
  .map((group) => ({ ...group, scenarios: group.scenarios.filter((scenario) => scenarios.includes(scenario)) }))
  .filter((group) => group.scenarios.length > 0);

disposeAtExit();
// Pages of a program that has just been built and is not on the disk yet would count as written by those that run it.
execFileSync("sync");
const machine = await describeMachine(groups.flatMap(({ contenders }) => contenders));
const results = new Results();
for (const group of groups) await results.measure(group, rounds, quick);
progress("");

const { samples, failures } = results;
const tables = groups.map((group) => ({ title: group.title, table: makeTable(group, results) }));
const notes = [
  ...groups.flatMap(({ skipped }) => skipped.map(skippedNote)),
  ...failures.map((one) => `error: ${one.scenario}, ${one.contender}, round ${one.round}: ${one.message}\n`),
].join("");
for (const { table } of tables) process.stdout.write(`${renderText(table)}\n`);
process.stdout.write(`${renderMachine(machine)}\n${notes}`);

if (json !== undefined) await writeFile(json, `${JSON.stringify({ machine, rounds, samples, failures }, null, 2)}\n`);
if (write) {
  const charts = await writeCharts(
    groups.flatMap(({ contenders }) => contenders),
    results,
  );
  const below = `${renderMachine(machine)}\n\n${notes}`;
  const sections = tables.map(({ title, table }) => ({
    title,
    text: `${renderMarkdown(table)}\n${title === curvesGroup ? charts : ""}${below}`,
  }));
  await writePage(
    sections,
    allGroups.map(({ title }) => title),
  );
}
