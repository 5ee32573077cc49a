import { dirname } from "node:path";

import { pathOfName } from "@upkeep/linux/core/name-text";
import { mayExecute, realPathOrNull } from "@upkeep/linux/fd/files";

import { candidates, execvpSearch } from "../core/path-search.ts";
import { commandsDirectory } from "./invocation.ts";

/** The directory by which PATH leads to the commands of this suite; null if it leads to others, or to none. */
export function commandsInPath(): string | null {
  const command = candidates(execvpSearch, "runsvdir", process.env["PATH"] ?? "").find(
    (path) => path.startsWith("/") && mayExecute(pathOfName(path)),
  );
  const real = command === undefined ? null : realPathOrNull(command);
  if (command === undefined || real === null) return null;
  return dirname(real) === realPathOrNull(commandsDirectory()) ? dirname(command) : null;
}
