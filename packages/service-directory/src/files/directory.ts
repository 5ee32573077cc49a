import { accessSync, closeSync, constants, fstatSync, openSync, readdirSync, statSync } from "node:fs";

import { attempt, errno, errnoOf } from "@upkeep/linux/core/errno";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { mayReadAt, pathBytes } from "@upkeep/linux/fd/at";
import { isThere, O_PATH, readFile, readHead } from "@upkeep/linux/fd/files";

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
  /** Lists the names, unless that was done since the last {@link lookAnew}. A start asks for many files, most of which are not there. */
  list(): void;
  /** False for a name that is not there, by the listing. True where nothing is known. */
  mayHave(entry: string): boolean;
  /** A piece of work is over: what was seen of the directory counts no more. */
  lookAnew(): void;
}

/** A service directory that can move over to another one. Whoever holds it then sees that one. */
export interface FollowedDirectory extends ServiceDirectory {
  /** Moves over if its path leads to another directory by now. Returns whether it has moved. */
  follow(path: () => string): boolean;
  close(): void;
}

/**
 * Opens a service directory that is found again by its path. Throws a SystemError that says it was unable to do `operation`.
 *
 * @param path the path now. @param spare a descriptor of the directory, in case its path is gone. It is closed if it is not
 * needed.
 */
export function openFollowedDirectory(path: string, operation: string, spare: number | null = null): FollowedDirectory {
  return new OpenDirectory(openOrTake(path, operation, spare));
}

/** Opens a service directory. Throws a SystemError that says it was unable to do `operation`. */
export function openServiceDirectory(path: string, operation: string): ServiceDirectory {
  return new OpenDirectory(openDirectory(path, operation));
}

/** It owns the descriptor. */
class OpenDirectory implements FollowedDirectory {
  #fd: number;
  /** The names that were listed; "unlisted" where that was not tried, null where it is forbidden. */
  #names: ReadonlySet<string> | null | "unlisted" = "unlisted";
  /** Whether the path was followed in this piece of work, as when it was opened. */
  #isFollowed = true;

  constructor(fd: number) {
    this.#fd = fd;
  }

  get fd(): number {
    return this.#fd;
  }

  path(entry: string): string {
    return `/proc/self/fd/${this.#fd}/${entry}`;
  }

  list(): void {
    if (this.#names === "unlisted") this.#names = namesIn(this.path("."));
  }

  mayHave(entry: string): boolean {
    return this.#names === "unlisted" || this.#names === null || this.#names.has(entry);
  }

  lookAnew(): void {
    this.#names = "unlisted";
    this.#isFollowed = false;
  }

  follow(path: () => string): boolean {
    if (this.#isFollowed) return false;
    this.#isFollowed = true;
    try {
      if (this.#isAt(path())) return false;
      const next = openDirectory(path(), "follow directory");
      closeSync(this.#fd);
      this.#fd = next;
      this.#names = "unlisted";
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #isAt(path: string): boolean {
    const found = statSync(pathOfName(path), { bigint: true, throwIfNoEntry: false });
    const ours = fstatSync(this.#fd, { bigint: true });
    // Where there is nothing (yet), the open one is better than none.
    return found === undefined || !found.isDirectory() || (found.dev === ours.dev && found.ino === ours.ino);
  }
}

/** The names in a directory; null where we may not list them. */
function namesIn(path: string): ReadonlySet<string> | null {
  try {
    return new Set(readdirSync(path));
  } catch {
    return null;
  }
}

function openOrTake(path: string, operation: string, spare: number | null): number {
  if (spare === null) return openDirectory(path, operation);
  try {
    const fd = openDirectory(path, operation);
    closeSync(spare);
    return fd;
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT || !fstatSync(spare).isDirectory()) throw error;
    return spare;
  }
}

function openDirectory(path: string, operation: string): number {
  return attempt(operation, () => {
    accessSync(pathOfName(path), constants.X_OK);
    return openSync(pathOfName(path), O_PATH | constants.O_DIRECTORY);
  });
}

/** Whether a flag file is there; false for what cannot be stat'ed, such as a dangling link. */
export function hasFile(directory: ServiceDirectory, entry: string): boolean {
  return directory.mayHave(entry) && isThere(directory.path(entry));
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

const finish = pathBytes("finish");

/** Whether there is a `./finish`: a readable one counts, as in runit. Whether it is executable shows later. */
export function hasFinish({ fd }: Pick<ServiceDirectory, "fd">): boolean {
  return mayReadAt(fd, finish);
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
