import { accessSync, constants, readdirSync, statSync } from "node:fs";

import { attempt, errno, SystemError } from "@upkeep/linux/core/errno";

import type { ScriptSet } from "../core/event.ts";

/** The executable files of a set, in the order in which they run. A missing directory counts as empty. */
export function listScripts(set: ScriptSet, initDirectory: string, warn: (message: string) => void): readonly string[] {
  switch (set) {
    case "key":
      return [];
    case "startup":
      return executablesIn(initDirectory, warn);
    case "rcLocal":
      return ["/etc/rc.local"].filter(isExecutableFile);
    case "preShutdown":
      return executablesIn("/etc/my_init.pre_shutdown.d", warn);
    case "postShutdown":
      return executablesIn("/etc/my_init.post_shutdown.d", warn);
    default:
      return set satisfies never;
  }
}

/** The regular files that we may execute, sorted by the bytes of their names. */
function executablesIn(directory: string, warn: (message: string) => void): readonly string[] {
  try {
    const names = attempt(`read ${directory}`, () => readdirSync(directory, { encoding: "buffer" }));
    return names
      .toSorted((one, other) => one.compare(other))
      .map((name) => `${directory}/${name.toString("utf8")}`)
      .filter(isExecutableFile);
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno !== errno.ENOENT) warn((error as Error).message);
    return [];
  }
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
