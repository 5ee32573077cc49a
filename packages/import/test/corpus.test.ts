import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";

import { expect, test } from "vitest";

import { readIni } from "../src/core/ini.ts";
import type { Imported } from "../src/core/model.ts";
import { importProcfile } from "../src/core/procfile/procfile.ts";
import { describeFailure, renderFiles, renderTables, warnings } from "../src/core/report.ts";
import { importSupervisord } from "../src/core/supervisord/supervisord.ts";

// Each file of the corpus has what became of it beside it. UPDATE=1 writes that anew, to be read before it is kept.

const corpus = `${import.meta.dirname}/corpus`;

test.each(globSync("*/*.{conf,Procfile}", { cwd: corpus }).toSorted())("%s becomes what it did", (path) => {
  const shown = show(importFile(path));
  const golden = `${corpus}/${path}.txt`;
  if (process.env["UPDATE"] === "1" || !existsSync(golden)) writeFileSync(golden, shown);
  expect(shown).toBe(readFileSync(golden, "utf8"));
});

test.each(globSync("*/*.{conf,Procfile}", { cwd: corpus }).toSorted())(
  "no key of %s is lost without a word",
  (path) => {
    const { entries } = importFile(path);
    const told = entries.map(({ place }) => place?.line);
    const text = readFileSync(`${corpus}/${path}`, "utf8");
    const keys = path.endsWith(".conf") ? readIni(text).sections.flatMap((section) => section.keys) : [];
    for (const { line, key } of keys)
      expect(
        told.filter((each) => each === line),
        key,
      ).toHaveLength(1);
  },
);

function importFile(path: string): Imported {
  const text = readFileSync(`${corpus}/${path}`, "utf8");
  const file = basename(path);
  if (dirname(path) === "procfile") return importProcfile({ file, text, directory: "/srv/app", environment: null });
  return importSupervisord([{ file, here: "/etc/supervisor", ini: readIni(text), isIncluded: false }]);
}

function show(imported: Imported): string {
  const messages = [
    ...warnings(imported),
    ...imported.failures.map((failure) => `not imported: ${describeFailure(failure)}`),
  ];
  return [
    renderTables(imported, "service"),
    messages.map((message) => `${message}\n`).join(""),
    renderFiles(imported.services, "service"),
  ].join("\n");
}
