import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import standardTexts from "spdx-license-list/full.js";

/** A library that a build contains. */
export interface Library {
  /** As npm has it. */
  readonly name: string;
  readonly version: string;
  /** As its manifest has it: mostly an SPDX identifier. */
  readonly licence: string;
  /** Of its licence. */
  readonly text: string;
}

/**
 * Writes into a directory what the bundled files contain: `THIRD-PARTY-LICENSES.txt`, and `libraries.json` for the bill of
 * materials of a release.
 */
export async function writeLibraries(directory: string, files: Iterable<string>): Promise<void> {
  const libraries = await librariesOf(files);
  await writeFile(join(directory, "THIRD-PARTY-LICENSES.txt"), await renderLicences(libraries));
  const facts = libraries.map(({ name, version, licence }) => ({ name, version, licence }));
  await writeFile(join(directory, "libraries.json"), `${JSON.stringify(facts, null, 2)}\n`);
}

/** The libraries that the given files belong to, by name. Throws where one has no text of its licence. */
async function librariesOf(files: Iterable<string>): Promise<readonly Library[]> {
  const directories = new Set([...files].filter((file) => file.includes("/node_modules/")).map(packageDirectory));
  const libraries = await Promise.all([...directories].map(readLibrary));
  return libraries.toSorted((a, b) => a.name.localeCompare(b.name));
}

/**
 * The licences that Bun's page names, by SPDX identifier: the LGPL ones must go with the program, the others ask for their
 * text. The page names no holders but the libraries' addresses, where their notices are.
 */
const linkedLicences: readonly string[] = [
  "LGPL-2.0-or-later",
  "LGPL-2.1-or-later",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ICU",
  "IJG",
  "ISC",
  "libpng-2.0",
  "MIT",
  "OpenSSL",
  "Zlib",
];

/** Lists libraries with the texts of their licences. */
export async function renderLicences(libraries: readonly Library[]): Promise<string> {
  const ruler = "-".repeat(80);
  const sections = libraries.map(
    ({ name, version, licence, text }) => `${ruler}\n${name} ${version} (${licence})\n\n${text.trim()}\n`,
  );
  return [
    "The commands contain these libraries; the stand-alone executable also contains Bun, see the end.\n",
    ...sections,
    `${ruler}\nbun\n\n${(await readBunLicence()).trim()}\n`,
    "The texts of the licences that are named for Bun, in their general form:\n",
    ...linkedLicences.map(standardText).map(({ name, text }) => `${ruler}\n${name}\n\n${text}\n`),
  ].join("\n");
}

function standardText(id: string): { readonly name: string; readonly text: string } {
  const licence = standardTexts[id];
  if (licence === undefined) throw new Error(`the SPDX list has no licence ${id}`);
  return { name: `${licence.name} (${id})`, text: licence.licenseText.trim() };
}

/** Bun's package has no licence text. The package of its types has one in its documentation, as Markdown. */
export async function readBunLicence(): Promise<string> {
  const bunTypes = createRequire(createRequire(import.meta.url).resolve("@types/bun/package.json"));
  const page = await readFile(join(dirname(bunTypes.resolve("bun-types/package.json")), "docs/project/license.mdx"));
  return page.toString("utf8").replace(/^---\n.*?\n---\n/s, "");
}

function packageDirectory(file: string): string {
  let directory = dirname(file);
  while (!(existsSync(join(directory, "package.json")) && dirname(directory).match(/\/node_modules(?:\/@[^/]+)?$/))) {
    directory = dirname(directory);
  }
  return directory;
}

/** Packages without the text, and where a library of the same holder under the same licence has it: MIT, Meta Platforms. */
const sameLicence: Readonly<Record<string, string>> = { "yoga-layout": "/packages/sv/node_modules/react" };

async function readLibrary(directory: string): Promise<Library> {
  const manifest = JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const file = (await readdir(directory)).find((name) => /^(?:licen[cs]e|copying)(?:[.-]|$)/i.test(name));
  const holder = sameLicence[manifest.name];
  if (file === undefined && holder !== undefined) {
    const { text } = await readLibrary(directory.replace(/\/node_modules\/\.pnpm\/.*/, holder));
    return { name: manifest.name, version: manifest.version, licence: manifest.license ?? "see below", text };
  }
  // Without the text of its licence a library may not be distributed.
  if (file === undefined) throw new Error(`${manifest.name}: no licence file in ${directory}`);
  return {
    name: manifest.name,
    version: manifest.version,
    licence: manifest.license ?? "see below",
    text: await readFile(join(directory, file), "utf8"),
  };
}
