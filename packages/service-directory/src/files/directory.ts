import { accessSync, constants, openSync, readSync, statSync } from "node:fs";

import { attempt, errno } from "@upkeep/linux/core/errno";
import { withFile } from "@upkeep/linux/fd/files";

const O_PATH = 0o10000000;

/**
 * An open service directory, or its `log/`. It stays the same directory when it is renamed or
 * moved, as for a program that has changed into it; but this process does not, so that one process
 * can hold many.
 */
export interface ServiceDirectory {
  /** For a child to start in. */
  readonly fd: number;
  /** Path of an entry, valid in this process. */
  path(entry: string): string;
}

/** Opens a service directory; `operation` is what an error says could not be done. Throws SystemError. */
export function openServiceDirectory(path: string, operation: string): ServiceDirectory {
  const fd = attempt(operation, () => {
    accessSync(path, constants.X_OK);
    return openSync(path, O_PATH | constants.O_DIRECTORY);
  });
  return { fd, path: (entry) => `/proc/self/fd/${fd}/${entry}` };
}

/** Whether a flag file is there. What cannot be looked at, as a link to nowhere or to itself, is not. */
export function hasFile(directory: ServiceDirectory, entry: string): boolean {
  try {
    statSync(directory.path(entry));
    return true;
  } catch {
    return false;
  }
}

/** Whether the owner may execute what is there; null where there is nothing. Throws as node:fs does. */
export function ownerMayExecute(directory: ServiceDirectory, entry: string): boolean | null {
  const found = statSync(directory.path(entry), { throwIfNoEntry: false });
  return found === undefined ? null : (found.mode & 0o100) !== 0;
}

/** Whether `./finish` is there for us: it must be readable, as in runit; whether it is executable shows later. */
export function hasFinish(directory: ServiceDirectory): boolean {
  try {
    accessSync(directory.path("finish"), constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Why an executable that is there cannot be run although the kernel says "file does not exist" or
 * "exec format error": the interpreter its first line names is missing, often by a carriage return
 * at the end of the line, or there is no such line. Null when that is not the reason.
 */
export function explainExecFailure(directory: ServiceDirectory, entry: string, number: number): string | null {
  if (number !== errno.ENOENT && number !== errno.ENOEXEC) return null;
  const first = firstLine(directory.path(entry));
  if (first === null) return null;
  const interpreter = /^#!\s*(\S+)/.exec(first)?.[1];
  if (number === errno.ENOEXEC) {
    return interpreter === undefined ? `it neither is a program nor begins with "#!", as in "#!/bin/sh"` : null;
  }
  if (interpreter === undefined) return null;
  const hasReturn = first.endsWith("\r");
  const advice = hasReturn ? ": its lines end in CR LF, make them end in LF" : "";
  return `its interpreter ${JSON.stringify(hasReturn ? `${interpreter}\r` : interpreter)} does not exist${advice}`;
}

function firstLine(path: string): string | null {
  const bytes = Buffer.alloc(256);
  try {
    const text = bytes.toString(
      "utf8",
      0,
      withFile(path, (fd) => readSync(fd, bytes)),
    );
    return text.split("\n", 1)[0] ?? "";
  } catch {
    return null;
  }
}
