import {
  closeSync,
  fchmodSync,
  fchownSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";

import { type ByteText, bytesOf, textOf } from "@upkeep/linux/core/byte-text";
import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { openFresh, readFile, removeQuietly } from "@upkeep/linux/fd/files";
import { findGroup } from "@upkeep/linux/users/user-database";

import {
  fileOfValue,
  isFileName,
  isPersonal,
  type Ownership,
  ownershipOf,
  renderJson,
  renderShell,
  valueOfFile,
  type Variables,
  variablesForFiles,
} from "../core/variables.ts";

/** The directory with one file for each variable, and the two files beside it with all variables. */
export interface EnvironmentFiles {
  /** Reads the directory; null when it is missing, or we may not read it. */
  load(): Variables | null;
  /**
   * Writes each variable that differs from `present`, the content of the directory.
   *
   * @returns the names that could not be written.
   */
  saveEach(variables: Variables, present: Variables): ReadonlySet<ByteText>;
  /** Writes the files for shells and for programs, if they differ. */
  saveWhole(variables: Variables): void;
}

/** The group that may read the files with all variables. */
const readers = "docker_env";

/** @param warn gets each message once. None of the functions throws. */
export function createEnvironmentFiles(directory: string, warn: (message: string) => void): EnvironmentFiles {
  const reported = new Set<string>();
  const warnOnce = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    if (!reported.has(message)) warn(message);
    reported.add(message);
  };

  const load = (): Variables | null => {
    let names: readonly ByteText[];
    try {
      names = listNames(directory);
    } catch (error) {
      if (!(error instanceof SystemError) || error.errno !== errno.ENOENT) warnOnce(error);
      return null;
    }
    const found = new Map<ByteText, ByteText>();
    for (const name of names) {
      try {
        if (name.includes("=")) throw new SystemError(`set ${name} from ${directory}`, errno.EINVAL);
        found.set(name, valueOfFile(readValue(directory, name)));
      } catch (error) {
        // A Kubernetes volume contains a directory whose name begins with dots.
        const isVolume = name.startsWith(".") && error instanceof SystemError && error.errno === errno.EISDIR;
        if (!isVolume) warnOnce(error);
      }
    }
    return found;
  };

  const saveEach = (variables: Variables, present: Variables): ReadonlySet<ByteText> => {
    const unwritten = new Set<ByteText>();
    for (const [name, value] of variablesForFiles(variables, present)) {
      try {
        if (!isFileName(name)) throw new SystemError(`write ${name} to ${directory}`, errno.EINVAL);
        // The message names the directory only: one line for a read-only file system, whatever the number of variables.
        attempt(`write to ${directory}`, () => writeFileSync(pathOf(directory, name), bytesOf(fileOfValue(value))));
      } catch (error) {
        unwritten.add(name);
        warnOnce(error);
      }
    }
    return unwritten;
  };

  const saveWhole = (variables: Variables): void => {
    for (const [path, content] of [
      [`${directory}.sh`, renderShell(variables)],
      [`${directory}.json`, renderJson(variables)],
    ] as const) {
      try {
        attempt(`write ${path}`, () => replace(path, bytesOf(content)));
      } catch (error) {
        warnOnce(error);
      }
    }
  };

  return { load, saveEach, saveWhole };
}

/** The names of all variables but the user's own: those to keep when the directory could not be read. */
export function sharedNames(variables: Variables): ReadonlySet<ByteText> {
  return new Set([...variables.keys()].filter((name) => !isPersonal(name)));
}

function listNames(directory: string): readonly ByteText[] {
  const names = attempt(`read ${directory}`, () => readdirSync(directory, { encoding: "buffer" }));
  return names.map(textOf).toSorted();
}

/** Variables in a volume of Kubernetes are links. One of more than 128 KiB could not be given to a program. */
const variable = { mayBeLink: true, limit: 131_072 } as const;

function readValue(directory: string, name: ByteText): ByteText {
  const bytes = attempt(`read ${directory}/${name}`, () => readFile(pathOf(directory, name), variable));
  return textOf(bytes);
}

/** Replaces a file, and keeps its links and rights. Where it cannot be replaced, it is written in place. */
function replace(path: string, content: Buffer): void {
  const target = realPathOf(path);
  const present = presentOwnership(target);
  if (present !== null && isSame(target, content)) return;
  const temporary = `${target}.new`;
  try {
    const fd = openFresh(temporary, 0o600);
    try {
      giveOwnership(fd, present);
      writeFileSync(fd, content);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, target);
  } catch (error) {
    removeQuietly(temporary);
    // The file is a mount, or its directory is not ours.
    if (present === null) throw error;
    writeFileSync(target, content);
  }
}

function giveOwnership(fd: number, present: Ownership | null): void {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  const wanted = ownershipOf(present, { uid, gid }, present === null && uid === 0 ? readersGroup() : null);
  if (wanted.uid !== uid || wanted.gid !== gid) fchownSync(fd, wanted.uid, wanted.gid);
  fchmodSync(fd, wanted.mode);
}

function readersGroup(): number | null {
  try {
    return findGroup(Buffer.from(`${readers}\0`));
  } catch {
    return null;
  }
}

function presentOwnership(path: string): Ownership | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errnoOf(error) === errno.ENOENT) return path;
    throw error;
  }
}

function isSame(path: string, content: Buffer): boolean {
  try {
    return readFile(path, { limit: content.length }).equals(content);
  } catch {
    return false;
  }
}

function pathOf(directory: string, name: ByteText): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`, "utf8"), bytesOf(name)]);
}
