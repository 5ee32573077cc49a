import { accessSync, constants, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

import { pathOfName } from "@upkeep/linux/core/name-text";

import { commandsDirectory } from "./invocation.ts";

/** The directory by which PATH leads to the commands of this suite; null if it leads to others, or to none. */
export function commandsInPath(): string | null {
  const path = (process.env["PATH"] ?? "").split(":").find((each) => each.startsWith("/") && hasRunsvdir(each));
  return path !== undefined && isOurs(path) ? path : null;
}

function hasRunsvdir(path: string): boolean {
  try {
    accessSync(pathOfName(join(path, "runsvdir")), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isOurs(path: string): boolean {
  return dirname(realpathSync(join(path, "runsvdir"))) === realpathSync(commandsDirectory());
}
