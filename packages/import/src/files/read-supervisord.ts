// Not by name: a Node that lacks globSync could not even load this, and say that it is too old.
import fs from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

import { FatalError } from "@upkeep/program/process/run-program";

import { readIni } from "../core/ini.ts";
import type { Failure, Imported } from "../core/model.ts";
import { importSupervisord, type SupervisordFile } from "../core/supervisord/supervisord.ts";
import { isDirectory, readText, type Source } from "./source-file.ts";

/** More files than any configuration includes. */
const mostIncluded = 1000;

/** Reads a configuration of supervisord, and all that it includes. */
export function readSupervisord({ file, text }: Source): Imported {
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
