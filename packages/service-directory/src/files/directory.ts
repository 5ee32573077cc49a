import { accessSync, closeSync, constants, existsSync, fstatSync, openSync, statSync } from "node:fs";

import { attempt, errno, errnoOf } from "@upkeep/linux/core/errno";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { O_PATH, readFile, readHead } from "@upkeep/linux/fd/files";

import { elfHeaderSize, machineOf } from "../core/elf-header.ts";
import { makesOwnGroup } from "../core/own-group.ts";

/** Operators keep files in one place with links to it, and so does Kubernetes. */
const asOperatorsWrite = { mayBeLink: true } as const;
/** Bytes of a script that are searched. */
const scriptLength = 65_536;

/**
 * An open service directory, or its `log/`. It stays the same directory when somebody renames or moves it, as it would
 * for a program that has changed into it. This process changes into none, so that it can hold many.
 */
export interface ServiceDirectory {
  /** The directory that a child starts in. */
  readonly fd: number;
  /** Path of an entry, valid in this process. */
  path(entry: string): string;
}

/** A service directory that can move over to another one. Whoever holds it then sees that one. */
export interface FollowedDirectory extends ServiceDirectory {
  /** Moves over if its path leads to another directory by now. Returns whether it has moved. */
  follow(): boolean;
  close(): void;
}

/**
 * Opens a service directory that is found again by its path. Throws a SystemError that says it was unable to do `operation`.
 *
 * @param pathNow the path at the time of the call. @param spare a descriptor of the directory, in case its path is gone. It
 * is closed if it is not needed.
 */
export function openFollowedDirectory(
  pathNow: () => string,
  operation: string,
  spare: number | null = null,
): FollowedDirectory {
  let fd = openOrTake(pathNow(), operation, spare);
  const isThere = (): boolean => {
    const found = statSync(pathOfName(pathNow()), { bigint: true, throwIfNoEntry: false });
    const ours = fstatSync(fd, { bigint: true });
    // Where there is nothing (yet), the open one is better than none.
    return found === undefined || !found.isDirectory() || (found.dev === ours.dev && found.ino === ours.ino);
  };
  return {
    get fd() {
      return fd;
    },
    path: (entry) => `/proc/self/fd/${fd}/${entry}`,
    follow: () => {
      try {
        if (isThere()) return false;
        const next = openServiceDirectory(pathNow(), operation).fd;
        closeSync(fd);
        fd = next;
        return true;
      } catch {
        return false;
      }
    },
    close: () => closeSync(fd),
  };
}

function openOrTake(path: string, operation: string, spare: number | null): number {
  if (spare === null) return openServiceDirectory(path, operation).fd;
  try {
    const { fd } = openServiceDirectory(path, operation);
    closeSync(spare);
    return fd;
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT || !fstatSync(spare).isDirectory()) throw error;
    return spare;
  }
}

/** Opens a service directory. Throws a SystemError that says it was unable to do `operation`. */
export function openServiceDirectory(path: string, operation: string): ServiceDirectory {
  const fd = attempt(operation, () => {
    accessSync(pathOfName(path), constants.X_OK);
    return openSync(pathOfName(path), O_PATH | constants.O_DIRECTORY);
  });
  return { fd, path: (entry) => `/proc/self/fd/${fd}/${entry}` };
}

/** Whether a flag file is there; false for what cannot be stat'ed, such as a dangling link. */
export function hasFile(directory: ServiceDirectory, entry: string): boolean {
  try {
    statSync(directory.path(entry));
    return true;
  } catch {
    return false;
  }
}

/** The text of a settings file. Throws as {@link readFile}. */
export function readSetting(directory: ServiceDirectory, entry: string): string {
  return readFile(directory.path(entry), asOperatorsWrite).toString("utf8");
}

/** Whether the owner may execute what is there; null where there is nothing. Throws as node:fs does. */
export function ownerMayExecute(directory: ServiceDirectory, entry: string): boolean | null {
  const found = statSync(directory.path(entry), { throwIfNoEntry: false });
  return found === undefined ? null : (found.mode & 0o100) !== 0;
}

/** Whether there is a `./finish`: a readable one counts, as in runit. Whether it is executable shows later. */
export function hasFinish(directory: ServiceDirectory): boolean {
  const path = directory.path("finish");
  // Most services have none, and an exception costs more than a second call.
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** The text of a script, as far as it is searched; empty where it cannot be read, which shows when it is started. */
export function readScript(directory: ServiceDirectory, entry: string): string {
  try {
    return readHead(directory.path(entry), scriptLength, asOperatorsWrite).toString("utf8");
  } catch {
    return "";
  }
}

/** Whether a script makes a session or a process group of its own, as far as its text tells. */
export function scriptMakesOwnGroup(directory: ServiceDirectory, entry: string): boolean {
  return makesOwnGroup(readScript(directory, entry));
}

/**
 * Explains why the kernel says "file does not exist", "exec format error" or "access denied" of a file that is there: the
 * interpreter that its first line names is missing, often because a carriage return ends the line, or it has no such
 * line; it is a program for another machine; it is not executable. Null when none of these is the reason.
 */
export function explainExecFailure(directory: ServiceDirectory, entry: string, number: number): string | null {
  if (number === errno.EACCES) return explainDenial(directory, entry);
  if (number !== errno.ENOENT && number !== errno.ENOEXEC) return null;
  const path = directory.path(entry);
  const first = firstLine(path);
  if (first === null) return null;
  const interpreter = /^#!\s*(\S+)/.exec(first)?.[1];
  if (number === errno.ENOEXEC) {
    const isOf = explainMachine(interpreter ?? path);
    if (isOf !== null) return interpreter === undefined ? `it ${isOf}` : `its interpreter "${interpreter}" ${isOf}`;
    return interpreter === undefined ? `it neither is a program nor begins with "#!", as in "#!/bin/sh"` : null;
  }
  if (interpreter === undefined) return null;
  const hasReturn = first.endsWith("\r");
  const advice = hasReturn ? ": its lines end in CR LF, make them end in LF" : "";
  return `its interpreter ${JSON.stringify(hasReturn ? `${interpreter}\r` : interpreter)} does not exist${advice}`;
}

function explainDenial(directory: ServiceDirectory, entry: string): string | null {
  try {
    const found = statSync(directory.path(entry));
    const isPlain = found.isFile() && (found.mode & 0o111) === 0;
    return isPlain ? `it is not executable: chmod +x ${entry}` : null;
  } catch {
    return null;
  }
}

function explainMachine(path: string): string | null {
  try {
    const headOf = (file: string): Uint8Array => readHead(file, elfHeaderSize, asOperatorsWrite);
    const [theirs, ours] = [machineOf(headOf(path)), machineOf(headOf("/proc/self/exe"))];
    return theirs === null || theirs === ours ? null : `is a program for ${theirs}, and this machine is ${ours}`;
  } catch {
    return null;
  }
}

function firstLine(path: string): string | null {
  try {
    return readHead(path, 256, asOperatorsWrite).toString("utf8").split("\n", 1)[0] ?? "";
  } catch {
    return null;
  }
}
