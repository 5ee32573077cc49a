import { dirname, join } from "node:path";

import { pathOfName } from "@upkeep/linux/core/name-text";
import { mayExecute, realPathOrNull } from "@upkeep/linux/fd/files";

import { candidates, execvpSearch } from "../core/path-search.ts";
import { commandsDirectory, isStandalone } from "./invocation.ts";
import { leadsToUs } from "./own-command.ts";

/** The directory by which PATH leads to the commands of this suite; null if it leads to others, or to none. */
export function commandsInPath(): string | null {
  const command = candidates(execvpSearch, "runsvdir", process.env["PATH"] ?? "").find(
    (path) => path.startsWith("/") && mayExecute(pathOfName(path)),
  );
  const own = realPathOrNull(isStandalone ? process.execPath : join(commandsDirectory(), "runsvdir"));
  return command !== undefined && own !== null && leadsToUs(command, own) ? dirname(command) : null;
}
