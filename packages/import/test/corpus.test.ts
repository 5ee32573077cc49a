import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";

import { expect, test } from "vitest";

import { readIni } from "../src/core/ini.ts";
import type { Imported } from "../src/core/model.ts";
import { importProcfile } from "../src/core/procfile/procfile.ts";
import { describeFailure, renderFiles, renderTables, warnings } from "../src/core/report.ts";
import { importSupervisord } from "../src/core/supervisord/supervisord.ts";
import { importCompose } from "../src/core/compose/compose.ts";
import { importPm2 } from "../src/core/pm2/pm2.ts";
import { importProcessCompose } from "../src/core/process-compose/process-compose.ts";
import { linesOf } from "../src/core/tree/lines.ts";
import { readScript } from "../src/core/tree/read-script.ts";
import { readYaml } from "../src/core/tree/read-yaml.ts";
import { fieldOf, type Tree } from "../src/core/tree/tree.ts";
import { readSources } from "../src/files/read-source.ts";
import { importSystemd } from "../src/core/systemd/systemd.ts";
import { readUnit } from "../src/core/systemd/unit.ts";

// Each file of the corpus has what became of it beside it. UPDATE=1 writes that anew, to be read before it is kept.

const corpus = `${import.meta.dirname}/corpus`;

/** A format by its folder: how a file of it is imported, and the lines in which it states keys. */
interface Format {
  readonly read: (file: string, text: string) => Imported;
  readonly lines: (text: string, imported: Imported) => readonly number[];
}

const probes = ["readiness_probe", "liveness_probe"].flatMap((probe) => [probe, `${probe}.exec`, `${probe}.http_get`]);

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
  "process-compose": yaml((tree, file) => importProcessCompose(tree, file, "/srv/app"), "processes", [
    "availability",
    "shutdown",
    ...probes,
  ]),
  compose: yaml(
    (tree, file) => {
      const variables = new Map([["/srv/app/web.env", "A=1\n"]]);
      return importCompose(tree, file, "/srv/app", variables, { path: "/srv/app/.env", text: "TAG=1\n" });
    },
    "services",
    ["healthcheck"],
  ),
  // A directory, with a file for each key.
  s6: {
    read: (file) => readSources([`${corpus}/s6/${file}`], null),
    lines: () => [],
  },
  pm2: { read: (file, text) => pm2.read(file, text), lines: (text, imported) => pm2.lines(text, imported) },
};

/** A file of YAML: its tree, and the line of each key that is told. */
function yaml(read: (tree: Tree, file: string) => Imported, below: string, nested: readonly string[]): Format {
  const treeOf = (text: string): Tree => {
    const tree = readYaml(text);
    return "kind" in tree ? tree : { kind: "scalar", value: null, text: "", line: tree.line };
  };
  return {
    read: (file, text) => {
      const tree = readYaml(text);
      if ("kind" in tree) return read(tree, file);
      return { services: [], entries: [], failures: [{ place: { file, line: tree.line }, text: tree.text }] };
    },
    lines: (text, { entries }) => {
      const programs = fieldOf(treeOf(text), below);
      return (programs?.kind === "map" ? programs.entries : []).flatMap(({ key, value }) =>
        // A service that is not imported has a sentence for all of its keys.
        value.kind === "map" && entries.some(({ program }) => program === key)
          ? linesOf(value, "", nested).map(({ place }) => place.line)
          : [],
      );
    },
  };
}

/** JavaScript or JSON. */
const pm2: Format = {
  read: (file, text) => {
    const tree = readScript(text, file.endsWith(".json"));
    if ("kind" in tree) return importPm2(tree, file, "/srv/app");
    return { services: [], entries: [], failures: [{ place: { file, line: tree.line }, text: tree.text }] };
  },
  lines: (text) => {
    const tree = readScript(text, text.startsWith("{"));
    const apps = "kind" in tree ? (fieldOf(tree, "apps") ?? tree) : null;
    const items = apps?.kind === "list" ? apps.items : [];
    return items.flatMap((app) => (app.kind === "map" ? app.entries.map(({ line }) => line) : []));
  },
};

const paths = globSync("*/*", { cwd: corpus })
  .filter((path) => !path.endsWith(".txt"))
  .toSorted();

test.each(paths)("%s becomes what it did", (path) => {
  const shown = show(importFile(path)).replaceAll(`${corpus}/`, "");
  const golden = `${corpus}/${path}.txt`;
  if (process.env["UPDATE"] === "1" || !existsSync(golden)) writeFileSync(golden, shown);
  expect(shown).toBe(readFileSync(golden, "utf8"));
});

test.each(paths)("no key of %s is lost without a word", (path) => {
  const imported = importFile(path);
  const told = new Set(imported.entries.map(({ place }) => place?.line));
  const lines = formatOf(path).lines(textOf(path), imported);
  expect(lines.filter((line) => !told.has(line))).toEqual([]);
});

test("no file of a definition of s6-rc is lost without a word", () => {
  for (const path of globSync("s6/*/", { cwd: corpus })) {
    const told = new Set(importFile(path).entries.map(({ place }) => place?.file));
    const files = globSync(`${path}/**`, { cwd: corpus }).filter((file) => statSync(`${corpus}/${file}`).isFile());
    expect(files.filter((file) => !told.has(`${corpus}/${file}`))).toEqual([]);
  }
});

function formatOf(path: string): Format {
  const format = formats[dirname(path)];
  if (format === undefined) throw new Error(`no format is called ${dirname(path)}`);
  return format;
}

/** Empty for a directory. */
function textOf(path: string): string {
  return statSync(`${corpus}/${path}`).isDirectory() ? "" : readFileSync(`${corpus}/${path}`, "utf8");
}

function importFile(path: string): Imported {
  return formatOf(path).read(basename(path), textOf(path));
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
