import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

import { expect, test } from "vitest";

/** Which packages of the suite each package may depend on. Arrows point downwards only: no program knows another. */
const drawing: Readonly<Record<string, readonly string[]>> = {
  linux: [],
  program: ["linux"],
  supervise: ["linux"],
  "log-prefix": ["linux"],
  "service-directory": ["linux"],
  logs: ["supervise", "linux"],
  lint: ["service-directory", "supervise", "linux"],
  runsv: ["log-prefix", "program", "service-directory", "supervise", "linux"],
  // The engine of runsv, for runsvdir --inline.
  runsvdir: ["log-prefix", "runsv", "program", "service-directory", "supervise", "linux"],
  client: ["logs", "service-directory", "supervise", "linux"],
  sv: ["client", "lint", "logs", "program", "service-directory", "supervise", "linux"],
  svlogd: ["program", "supervise", "linux"],
  chpst: ["program", "linux"],
  runit: ["program", "linux"],
  my_init: ["program", "supervise", "linux"],
  devlog: ["program", "linux"],
  runsvchdir: ["program", "linux"],
  import: ["lint", "program", "service-directory", "supervise", "linux"],
  // What runit supervises it takes over.
  install: ["client", "program", "supervise", "linux"],
  // Runs what can be imported.
  run: ["import", "program", "supervise", "linux"],
  utmpset: ["program", "linux"],
  web: ["client", "logs", "program", "supervise", "linux"],
  upkeep: [
    "chpst",
    "devlog",
    "import",
    "install",
    "my_init",
    "program",
    "run",
    "runit",
    "runsv",
    "runsvchdir",
    "runsvdir",
    "sv",
    "svlogd",
    "utmpset",
    "web",
  ],
};

/** The only packages that may use a library. */
const places: Readonly<Record<string, readonly string[]>> = {
  koffi: ["linux"],
  "string-width": ["sv"],
  // For sv top alone.
  ink: ["sv"],
  react: ["sv"],
  leven: ["import", "lint"],
  acorn: ["import"],
  shlex: ["import"],
  yaml: ["import"],
  dotenv: ["run"],
  "prom-client": ["web"],
  // For the page of upkeep web alone.
  preact: ["web"],
  "@preact/signals": ["web"],
  uplot: ["web"],
  "@dagrejs/dagre": ["web"],
  anser: ["web"],
  "eventsource-parser": ["web"],
  "@fontsource-variable/inter": ["web"],
  "@fontsource-variable/jetbrains-mono": ["web"],
  yargs: ["program"],
  chokidar: ["runsvdir"],
  "proper-lockfile": ["runsvdir", "sv"],
};

const root = `${import.meta.dirname}/../..`;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(`${root}/${folder}/package.json`, "utf8")) as Manifest;
}

const folders = globSync("packages/*/package.json", { cwd: root }).map(dirname).toSorted();

test.each(folders)("%s depends only on what the drawing allows", (folder) => {
  const { name, dependencies = {}, devDependencies = {} } = readManifest(folder);
  const shortName = folder.replace("packages/", "");
  expect(name).toBe(`@upkeep/${shortName}`);
  for (const dependency of Object.keys({ ...dependencies, ...devDependencies })) {
    if (dependency.startsWith("@types/")) continue;
    const isOurs = dependency.startsWith("@upkeep/");
    if (isOurs) expect(drawing[shortName]).toContain(dependency.replace("@upkeep/", ""));
    else expect(places[dependency], dependency).toContain(shortName);
  }
});

test.each([...folders, "e2e"])("%s has the version of the suite, and of every library the catalog's", (folder) => {
  const { version, dependencies = {}, devDependencies = {} } = readManifest(folder);
  expect(version).toBe(readManifest(".").version);
  for (const range of Object.values({ ...dependencies, ...devDependencies })) {
    expect(range).toMatch(/^(?:catalog:|workspace:\*)$/);
  }
});
