import { accessSync, constants, statSync } from "node:fs";

import { ownFile } from "@upkeep/program/command-line/invocation";
import { candidates, runitSearch } from "@upkeep/program/core/path-search";
import type { ByteText } from "@upkeep/linux/core/byte-text";

import { readCommandLine } from "../core/arguments.ts";
import type { Successor } from "./become.ts";
import { valueOf } from "../core/environment.ts";
import type { Misuse, Plan } from "../core/plan.ts";
import { commandNamed } from "../core/usage.ts";
import { pathOf } from "./c-text.ts";

/** Makes a test whether a path leads to the file that this process executes. It still works after chroot. */
export function ownFileTest(): (path: ByteText) => boolean {
  const own = statSync(ownFile());
  return (path) => {
    const { dev, ino } = statSync(pathOf(path));
    return dev === own.dev && ino === own.ino;
  };
}

/**
 * Reads the command line of the next program if that is chpst again, by any of its names, as in
 * `softlimit -m 100000000 setuidgid web prog`. Its runtime could not start within the limits, so this process carries out
 * the next plan as well, before it sets them.
 *
 * @param environment has the PATH.
 * @returns null if it is another program.
 */
export function readNext(
  { program, argv }: Successor,
  environment: readonly ByteText[],
  isOwn: (path: ByteText) => boolean,
): Plan | Misuse | null {
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (argv[0] !== program || commandNamed(name) === null) return null;
  const file = candidates(runitSearch, program, valueOf(environment, "PATH")).find(isExecutable);
  if (file === undefined || !isOwn(file)) return null;
  const reading = readCommandLine(name, argv.slice(1));
  // That is for a process of its own.
  if ("plan" in reading) return reading.plan.namespaced === null ? reading.plan : null;
  return typeof reading.stop === "object" ? reading.stop : null;
}

function isExecutable(path: ByteText): boolean {
  try {
    accessSync(pathOf(path), constants.X_OK);
    return statSync(pathOf(path)).isFile();
  } catch {
    return false;
  }
}
