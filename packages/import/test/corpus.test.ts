import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";

import { expect, test } from "vitest";

import { readIni } from "../src/core/ini.ts";
import type { Imported } from "../src/core/model.ts";
import { importProcfile } from "../src/core/procfile/procfile.ts";
import { describeFailure, renderFiles, renderTables, warnings } from "../src/core/report.ts";
import { importSupervisord } from "../src/core/supervisord/supervisord.ts";
import { importSystemd } from "../src/core/systemd/systemd.ts";
import { readUnit } from "../src/core/systemd/unit.ts";

// Each file of the corpus has what became of it beside it. UPDATE=1 writes that anew, to be read before it is kept.

const corpus = `${import.meta.dirname}/corpus`;

/** A format by its folder: how a file of it is imported, and the lines in which it states keys. */
interface Format {
  readonly read: (file: string, text: string) => Imported;
  readonly lines: (text: string) => readonly number[];
}

const formats: Readonly<Record<string, Format>> = {
  supervisord: {
    read: (file, text) => importSupervisord([{ file, here: "/etc/supervisor", ini: readIni(text), isIncluded: false }]),
    lines: (text) => readIni(text).sections.flatMap(({ keys }) => keys.map(({ line }) => line)),
  },
  procfile: {
    read: (file, text) => importProcfile({ file, text, directory: "/srv/app", environment: null }),
    lines: () => [],
  },
  systemd: {
    read: (file, text) => {
      const name = file.replace("@.", "@one.");
      const sources = [{ name, file, files: [readUnit(text, file)] }];
      // The units know of each other, as in a directory.
      const others = ["web.service", "worker.service"].filter((other) => other !== name);
      const imported = importSystemd(
        [
          ...sources,
          ...others.map((other) => ({
            name: other,
            file: other,
            files: [readUnit("[Service]\nExecStart=/bin/true", other)],
          })),
        ],
        new Map([["/etc/default/shop", "A=1\n"]]),
      );
      return {
        services: imported.services.filter((service) => `${service.name}.service` === name),
        entries: imported.entries.filter(({ program }) => `${program ?? ""}.service` === name),
        failures: imported.failures,
      };
    },
    lines: (text) => readUnit(text, "").lines.map(({ place }) => place.line),
  },
};

const paths = globSync("*/*", { cwd: corpus })
  .filter((path) => !path.endsWith(".txt"))
  .toSorted();

test.each(paths)("%s becomes what it did", (path) => {
  const shown = show(importFile(path));
  const golden = `${corpus}/${path}.txt`;
  if (process.env["UPDATE"] === "1" || !existsSync(golden)) writeFileSync(golden, shown);
  expect(shown).toBe(readFileSync(golden, "utf8"));
});

test.each(paths)("no key of %s is lost without a word", (path) => {
  const told = importFile(path).entries.flatMap(({ place }) => (place === null ? [] : [place.line]));
  const lines = formatOf(path).lines(readFileSync(`${corpus}/${path}`, "utf8"));
  for (const line of lines)
    expect(
      told.filter((each) => each === line),
      `line ${line}`,
    ).toHaveLength(1);
});

function formatOf(path: string): Format {
  const format = formats[dirname(path)];
  if (format === undefined) throw new Error(`no format is called ${dirname(path)}`);
  return format;
}

function importFile(path: string): Imported {
  return formatOf(path).read(basename(path), readFileSync(`${corpus}/${path}`, "utf8"));
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
