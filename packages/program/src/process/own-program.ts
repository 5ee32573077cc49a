import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

import { lastArguments, splitArguments } from "@upkeep/linux/exec/arguments";
import { bytesOfName } from "@upkeep/linux/core/name-text";
import { realPathOrNull } from "@upkeep/linux/fd/files";

import { isStandalone } from "../command-line/invocation.ts";
import { candidates, execvpSearch } from "../core/path-search.ts";

/** The program of this process, as it could be started once more. */
export interface OwnProgram {
  /** What is executed: an absolute path, by which an upgrade is found. */
  readonly file: string;
  /** The file that an upgrade replaces: the script where `file` is the runtime. */
  readonly shown: string;
  /** The words before the arguments. */
  readonly words: readonly Uint8Array[];
  /** The arguments as they are now, byte for byte. Throws SystemError without /proc. */
  readonly args: () => readonly Uint8Array[];
}

/** Finds out by which path this process was started. To be called at its start, before an upgrade changes what it leads to. */
export function findOwnProgram(): OwnProgram {
  const count = process.argv.length - 2;
  const args = (): readonly Uint8Array[] => (count === 0 ? [] : lastArguments(count));
  if (!isStandalone) {
    const script = resolve(process.argv[1] ?? "");
    const words = [process.argv0, ...process.execArgv, script].map(bytesOfName);
    return { file: process.execPath, shown: script, words, args };
  }
  const file = findExecutable(process.argv0);
  return { file, shown: file, words: [calledAs()], args };
}

/** In the stand-alone executable the first word says which command it is. */
function calledAs(): Uint8Array {
  try {
    return splitArguments(readFileSync("/proc/self/cmdline"))[0] ?? bytesOfName(process.argv0);
  } catch {
    return bytesOfName(process.argv0);
  }
}

/**
 * The path that leads to our executable by the name we were called by: as it was called, in PATH, or beside the executable.
 * A link there may lead to another version tomorrow. Where there is none, it is the executable itself.
 */
function findExecutable(name: string): string {
  const own = realPathOrNull(process.execPath);
  const beside = `${dirname(process.execPath)}/${basename(name)}`;
  const found = [...candidates(execvpSearch, name, process.env["PATH"] ?? null), beside].find(
    (path) => own !== null && realPathOrNull(path) === own,
  );
  return found === undefined ? process.execPath : resolve(found);
}
