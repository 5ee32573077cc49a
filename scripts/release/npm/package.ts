import { globSync, readFileSync, statSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { commandNames, namesOnNode } from "../../build/command-names.ts";
import type { LayerEntry } from "../../image/layer.ts";
import { packLayer } from "../../image/tar.ts";
import { gzipFile } from "../gzip.ts";
import { type Platform, platformManifest, suiteManifest } from "./manifests.ts";

/** What the npm packages of a release have in common. */
export interface NpmOptions {
  readonly directory: string;
  readonly version: string;
  /** The time of all files. */
  readonly date: Date;
  /** Of gzip, 0 to 9. */
  readonly level: number;
}

const licences = "dist/THIRD-PARTY-LICENSES.txt";

/** Makes the package with the executable for one kind of machine. @returns the name of its file, as npm pack names it. */
export async function makePlatformPackage(
  platform: Platform,
  executable: string,
  options: NpmOptions,
): Promise<string> {
  const name = `upkeep-${platform}-${options.version}.tgz`;
  await pack(name, platformEntries(platform, options.version, readFileSync(executable)), options);
  return name;
}

/**
 * Makes the package `upkeep`.
 *
 * @param build the commands for Node. @param natives directories with koffi's parts for kinds of machines.
 */
export async function makeSuitePackage(
  build: string,
  natives: readonly string[],
  options: NpmOptions,
): Promise<string> {
  const name = `upkeep-${options.version}.tgz`;
  await pack(name, suiteEntries(options.version, build, natives), options);
  return name;
}

async function pack(
  name: string,
  entries: readonly LayerEntry[],
  { directory, date, level }: NpmOptions,
): Promise<void> {
  const below = entries.map((entry) => ({ ...entry, path: `package/${entry.path}` }));
  const tar = join(directory, name.replace(/\.tgz$/, ".tar"));
  await writeFile(tar, await packLayer(below, date));
  await rename(await gzipFile(tar, level), join(directory, name));
}

/** The files of a package with an executable. Beside it, a launcher has the name of each command: programs look there. */
function platformEntries(platform: Platform, version: string, executable: Uint8Array): readonly LayerEntry[] {
  const manifest = platformManifest(platform, version);
  return sorted([
    json("package.json", manifest),
    text("README.md", `# ${String(manifest["name"])}\n\n${String(manifest["description"])}. Install \`upkeep\`.\n`),
    file("LICENSE", "LICENSE"),
    file("THIRD-PARTY-LICENSES.txt", licences),
    { kind: "file", path: "bin/upkeep", mode: 0o755, content: executable },
    ...commandNames.map((name) => text(`bin/${name}`, `#!/bin/sh\nexec "\${0%/*}/upkeep" ${name} "$@"\n`, 0o755)),
  ]);
}

/** The files of the package `upkeep`. */
function suiteEntries(version: string, build: string, natives: readonly string[]): readonly LayerEntry[] {
  const launcher = readFileSync("scripts/release/npm/launcher.sh", "utf8");
  const manuals = globSync("*.[18]", { cwd: "man" }).toSorted();
  const shown = manuals.filter((name) => !readFileSync(join("man", name), "utf8").startsWith(".so "));
  return sorted([
    json(
      "package.json",
      suiteManifest(
        version,
        namesOnNode,
        shown.map((name) => `man/${name}`),
      ),
    ),
    file("README.md", "README.md"),
    file("LICENSE", "LICENSE"),
    file("THIRD-PARTY-LICENSES.txt", licences),
    ...manuals.map((name) => file(`man/${name}`, join("man", name))),
    ...namesOnNode.map((name) => text(`bin/${name}`, launcher, 0o755)),
    ...filesOf(build, "node").filter(({ path }) => !path.startsWith("node/lib/@koromix/")),
    ...natives.flatMap((directory) => filesOf(directory, `node/lib/@koromix/${basename(directory)}`)),
  ]);
}

function filesOf(directory: string, place: string): readonly LayerEntry[] {
  return globSync("**/*", { cwd: directory })
    .filter((path) => statSync(join(directory, path)).isFile())
    .map((path) => file(join(place, path), join(directory, path)));
}

function sorted(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  return entries.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function file(path: string, source: string): LayerEntry {
  const mode = (statSync(source).mode & 0o100) === 0 ? 0o644 : 0o755;
  return { kind: "file", path, mode, content: readFileSync(source) };
}

function text(path: string, content: string, mode = 0o644): LayerEntry {
  return { kind: "file", path, mode, content: Buffer.from(content) };
}

function json(path: string, content: unknown): LayerEntry {
  return text(path, `${JSON.stringify(content, null, 2)}\n`);
}
