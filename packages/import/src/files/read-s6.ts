import { lstatSync } from "node:fs";
import { basename, join } from "node:path";

import { errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";
import { isThere, readFile } from "@upkeep/linux/fd/files";
import { FatalError } from "@upkeep/program/process/run-program";

import type { Definition, S6Source, SourceFile } from "../core/s6/definition.ts";
import { isDirectory, namesIn } from "./source-file.ts";

/** More files than any tree has, and levels of directories. */
const mostFiles = 10_000;
const mostLevels = 8;
/** Bytes of a file. */
const largest = 1024 ** 2;

/** Where a tree of s6-overlay has what it has: the root of an image, its `etc`, or `s6-overlay` itself. */
const overlays = ["etc", ".", ".."];

/** The parts of a directory that s6-rc or s6-overlay would read; null if it has none. */
export function s6SourceOf(directory: string): S6Source | null {
  const etc = overlays
    .map((below) => join(directory, below))
    .find((path) => ["s6-overlay", "services.d", "cont-init.d"].some((name) => isThere(pathOfName(join(path, name)))));
  const isOverlay = etc !== undefined && (etc !== join(directory, "..") || basename(directory) === "s6-overlay");
  const definitions = isOverlay ? join(etc, "s6-overlay/s6-rc.d") : directory;
  const isSource = (path: string): boolean => isThere(pathOfName(join(path, "type")));
  if (!isOverlay && !directoriesIn(directory).some(isSource)) return null;
  const reader = new Reader();
  return {
    directory: isOverlay ? etc : directory,
    definitions: directoriesIn(definitions).map((path) => reader.definition(path)),
    services: isOverlay ? directoriesIn(join(etc, "services.d")).map((path) => reader.definition(path)) : [],
    starts: isOverlay ? reader.files(join(etc, "cont-init.d"), "", 0) : [],
    ends: isOverlay ? reader.files(join(etc, "cont-finish.d"), "", 0) : [],
  };
}

function directoriesIn(directory: string): readonly string[] {
  if (!isDirectory(directory)) return [];
  return namesIn(directory)
    .filter((name) => !name.startsWith("."))
    .map((name) => join(directory, name))
    .filter(isDirectory);
}

class Reader {
  #count = 0;

  definition(directory: string): Definition {
    return { name: basename(directory), directory, files: this.files(directory, "", 0) };
  }

  /** All files below a directory, of which none is a link to another place or anything but a file. */
  files(directory: string, above: string, level: number): readonly SourceFile[] {
    if (level > mostLevels) throw new FatalError("has too many levels of directories", directory);
    if (!isDirectory(directory)) return [];
    return namesIn(directory).flatMap((name): readonly SourceFile[] => {
      if (++this.#count > mostFiles) throw new FatalError(`has more than ${mostFiles} files`, directory);
      const path = join(directory, name);
      const found = lstatSync(pathOfName(path));
      if (found.isDirectory()) return this.files(path, `${above}${name}/`, level + 1);
      const executable = (found.mode & 0o111) !== 0;
      const text = this.#read(path);
      return [{ path: `${above}${name}`, text, executable }];
    });
  }

  /** A link may lead to a file anywhere, as it would for s6-rc. */
  #read(path: string): string {
    try {
      return nameOf(readFile(pathOfName(path), { mayBeLink: true, limit: largest }));
    } catch (error) {
      throw new FatalError(`unable to read it: ${reasonOf(errnoOf(error))}`, path);
    }
  }
}
