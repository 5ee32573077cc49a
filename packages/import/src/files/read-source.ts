// Not by name: a Node that lacks globSync could not even load this, and say that it is too old.
import fs, { statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";

import { errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";
import { isThere, readFile } from "@upkeep/linux/fd/files";
import { FatalError } from "@upkeep/program/process/run-program";

import { readIni } from "../core/ini.ts";
import type { Failure, Imported } from "../core/model.ts";
import { importProcfile } from "../core/procfile/procfile.ts";
import { type Format, isBinary, recognize, wellKnownFiles } from "../core/recognize.ts";
import { importSupervisord, type SupervisordFile } from "../core/supervisord/supervisord.ts";

/** Bytes: more than any configuration has. */
const largest = 1024 ** 2;
/** More files than any configuration includes. */
const mostIncluded = 1000;

/**
 * Reads a file, or the well-known file of a directory, and all that it includes. Throws FatalError if it cannot be read
 * or is of no known format.
 */
export function readSource(operand: string, format: Format | null): Imported {
  const file = fileOf(operand);
  const text = readText(file);
  switch (format ?? recognize(basename(file), text)) {
    case "supervisord":
      return readSupervisord(file, text);
    case "procfile":
      return importProcfile({ file, text, directory: resolve(dirname(file)), environment: readBeside(file, ".env") });
    case null:
      throw new FatalError("is of no known format: name it with --format", file);
  }
}

function fileOf(operand: string): string {
  if (!isDirectory(operand)) return operand;
  const found = wellKnownFiles.map((name) => join(operand, name)).filter((path) => isThere(pathOfName(path)));
  const [first, ...others] = found;
  if (first === undefined) throw new FatalError(`holds none of ${wellKnownFiles.join(", ")}`, operand);
  if (others.length > 0)
    throw new FatalError(`holds ${found.map((path) => basename(path)).join(" and ")}: name one`, operand);
  return first;
}

function isDirectory(path: string): boolean {
  return statSync(pathOfName(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readText(file: string): string {
  try {
    const text = nameOf(readFile(pathOfName(file), { mayBeLink: true, limit: largest }));
    if (!isBinary(text)) return text;
  } catch (error) {
    throw new FatalError(`unable to read it: ${reasonOf(errnoOf(error))}`, file);
  }
  throw new FatalError("is no text: it has a NUL", file);
}

function readBeside(file: string, name: string): { readonly path: string; readonly text: string } | null {
  const path = resolve(dirname(file), name);
  return isThere(pathOfName(path)) ? { path, text: readText(path) } : null;
}

function readSupervisord(file: string, text: string): Imported {
  const main: SupervisordFile = { file, here: resolve(dirname(file)), ini: readIni(text), isIncluded: false };
  const failures: Failure[] = [];
  const included: SupervisordFile[] = [];
  for (const section of main.ini.sections.filter(({ name }) => name === "include")) {
    for (const { value, line } of section.keys.filter(({ key }) => key === "files")) {
      for (const pattern of value.split(/\s+/).map((each) => each.replaceAll("%(here)s", main.here))) {
        const paths = filesOf(pattern, main.here);
        if (paths.length === 0 && !/[*?[]/.test(pattern))
          failures.push({ place: { file, line }, text: `there is no file ${pattern}` });
        if (included.length + paths.length > mostIncluded)
          throw new FatalError(`includes more than ${mostIncluded} files`, file);
        for (const path of paths)
          included.push({ file: path, here: dirname(path), ini: readIni(readText(path)), isIncluded: true });
      }
    }
  }
  const imported = importSupervisord([main, ...included]);
  return { ...imported, failures: [...failures, ...imported.failures] };
}

/** supervisord sorts what a pattern finds. */
function filesOf(pattern: string, here: string): readonly string[] {
  const path = isAbsolute(pattern) ? pattern : join(here, pattern);
  return fs
    .globSync(path)
    .filter((found) => !isDirectory(found))
    .toSorted();
}
