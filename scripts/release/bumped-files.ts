import { globSync, readFileSync } from "node:fs";

import { changesWith, manifestWith, manualWith, openApiWith, pageWith, sourceWith } from "./bump.ts";

/** A file as it is to be. */
export interface BumpedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

const manuals = ["man/*.[18]", "scripts/release/debian/files/usr/share/man/man*/*"];

/**
 * Lists all files that have the version, or names with it, as they are to be with the next one. Nothing is written.
 *
 * @param before the version that they have. @param date of the release. Throws where a file has none.
 */
export function bumpedFiles(before: string, version: string, date: Date): readonly BumpedFile[] {
  const all = (paths: readonly string[], change: (text: string) => string): readonly BumpedFile[] =>
    paths.toSorted().map((path) => ({ path, text: change(readFileSync(path, "utf8")) }));
  return [
    ...all(["package.json", ...globSync("{packages/*,e2e,bench}/package.json")], (text) => manifestWith(text, version)),
    ...all(["packages/program/src/core/version.ts"], (text) => sourceWith(text, version)),
    ...all(["docs/schema/openapi.json"], (text) => openApiWith(text, version)),
    ...all(["README.md", "docs/install.md"], (text) => pageWith(text, before, version)),
    ...all(globSync(manuals).filter(isPage), (text) => manualWith(text, version, date)),
    ...all(["CHANGELOG.md"], (text) => changesWith(text, version, date)),
  ];
}

/** A file that only leads to another page has no head of its own. */
function isPage(path: string): boolean {
  return !readFileSync(path, "utf8").startsWith(".so ");
}
