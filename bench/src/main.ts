import { writeFile } from "node:fs/promises";

import { allGroups } from "./groups.ts";
import { parseOptions } from "./options.ts";
import { progress } from "./progress.ts";
import { describeMachine, renderMachine } from "./report/machine.ts";
import { renderFailures, renderSkipped } from "./report/notes.ts";
import { writePage } from "./report/page.ts";
import { makeTable, renderMarkdown, renderText } from "./report/table.ts";
import { Results } from "./results.ts";
import { cleanUpAtExit } from "./trial/cleanup.ts";

// Measures ours beside others that are installed: npm run bench -- --help

const options = parseOptions(
  process.argv.slice(2),
  allGroups.flatMap(({ subjects }) => subjects),
);
const groups = allGroups
  .map((group) => ({ group, subjects: group.subjects.filter((subject) => options.subjects.includes(subject)) }))
  .filter(({ subjects }) => subjects.length > 0);

cleanUpAtExit();
const machine = await describeMachine(groups.flatMap(({ group }) => group.contenders));
const results = new Results();
for (const { group, subjects } of groups) await group.measure(subjects, options, results);
progress("");

const tables = groups.map(({ group, subjects }) => ({
  title: group.title,
  table: makeTable(subjects, group.contenders, results),
}));
const notes = groups.map(({ group }) => renderSkipped(group.skipped)).join("") + renderFailures(results.failures);
for (const { table } of tables) process.stdout.write(`${renderText(table)}\n`);
process.stdout.write(`${renderMachine(machine)}\n${notes}`);

if (options.json !== undefined) {
  const { samples, failures } = results;
  await writeFile(options.json, `${JSON.stringify({ machine, rounds: options.rounds, samples, failures }, null, 2)}\n`);
}
if (options.write) {
  const text = tables.map(({ title, table }) => `### ${title}\n\n${renderMarkdown(table)}\n`).join("");
  await writePage(`${text}${renderMachine(machine)}\n\n${notes}`);
}
