import { readdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { attempt, errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";
import { isThere, readFile } from "@upkeep/linux/fd/files";
import { FatalError } from "@upkeep/program/process/run-program";

import type { Beside } from "../core/environment-file.ts";
import { isBinary } from "../core/recognize.ts";

/** Bytes: more than any configuration has. */
const largest = 1024 ** 2;

/** A file that is to be imported. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** The text of a file. Throws FatalError if it cannot be read, is no text, or is larger than any configuration. */
export function readText(file: string): string {
  try {
    const text = nameOf(readFile(pathOfName(file), { mayBeLink: true, limit: largest }));
    if (!isBinary(text)) return text;
  } catch (error) {
    throw new FatalError(`unable to read it: ${reasonOf(errnoOf(error))}`, file);
  }
  throw new FatalError("is no text: it has a NUL", file);
}

/** A file beside another one; null where there is none. */
export function readBeside(file: string, name: string): Beside | null {
  const path = resolve(dirname(file), name);
  return isThere(pathOfName(path)) ? { path, text: readText(path) } : null;
}

export function isDirectory(path: string): boolean {
  return statSync(pathOfName(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The names in a directory, sorted. Throws FatalError. */
export function namesIn(directory: string): readonly string[] {
  const names = attempt(`read ${directory}`, () => readdirSync(pathOfName(directory), { encoding: "buffer" }));
  return names.map((name) => nameOf(name)).toSorted();
}
