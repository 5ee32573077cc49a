import { accessSync, constants, readdirSync, statSync } from "node:fs";

import { attempt, errno, SystemError } from "@upkeep/linux/core/errno";
import { readFile } from "@upkeep/linux/fd/files";
import { bytesOf, type ByteText, textOf } from "@upkeep/linux/core/byte-text";

import { type Change, changeOfFile } from "../core/environment.ts";
import { pathOf } from "./c-text.ts";

/** Secrets in a volume of Kubernetes are links. A variable of more than 128 KiB could not be given to a program. */
const variable = { mayBeLink: true, limit: 131_072 } as const;

/**
 * Reads the variables in an environment directory, one from each file whose name does not begin with a dot. Throws
 * {@link SystemError} if a file cannot be read.
 *
 * @param onDirectory gets the error about each directory in it, which is no variable.
 */
export function readEnvironmentDirectory(
  path: ByteText,
  onDirectory: (problem: SystemError) => void,
): readonly Change[] {
  const changes: Change[] = [];
  for (const name of namesIn(path)) {
    if (name.startsWith(".")) continue;
    const operation = `read ${path}/${name}`;
    try {
      const bytes = attempt(operation, () => readFile(bytesOf(`${path}/${name}`), variable));
      changes.push(changeOfFile(name, textOf(bytes)));
    } catch (error) {
      if (!(error instanceof SystemError) || error.errno !== errno.EISDIR) throw error;
      onDirectory(error);
    }
  }
  return changes;
}

function namesIn(path: ByteText): readonly ByteText[] {
  // The steps of runit, which changes into the directory and then lists it.
  const bytes = attempt(`switch to directory: ${path}`, () => {
    const directory = pathOf(path);
    if (!statSync(directory).isDirectory()) throw new SystemError("", errno.ENOTDIR);
    accessSync(directory, constants.X_OK);
    return directory;
  });
  const names = attempt(`open directory: ${path}`, () => readdirSync(bytes, { encoding: "buffer" }));
  return names.map(textOf);
}
