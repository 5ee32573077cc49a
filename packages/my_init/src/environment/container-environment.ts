import { withoutTrace } from "@upkeep/program/trace/open-trace";
import { type ByteText, bytesOf, textOf } from "@upkeep/linux/core/byte-text";
import { environmentAtStart, type EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { findUserById } from "@upkeep/linux/users/user-database";

import { createEnvironmentFiles, sharedNames } from "./environment-files.ts";
import { addMissing, entriesOf, replaceBy, variablesOf, withHome } from "../core/variables.ts";

const directory = "/etc/container_environment";

/** The environment of everything that starts in the container. */
export interface ContainerEnvironment {
  /** As it is now. */
  entries(): readonly EnvironmentEntry[];
  /** A variable's value, as bytes in a string. */
  valueOf(name: string): string | undefined;
  /** Takes over the variables of the directory: a startup file may have changed them. */
  reload(): void;
}

/** Merges our own environment with the directory, and writes the result there. Never throws. */
export function createContainerEnvironment(warn: (message: string) => void): ContainerEnvironment {
  const files = createEnvironmentFiles(directory, warn);
  const own = variablesOf(withoutTrace(environmentAtStart()).map(textOf));
  const present = files.load();
  let variables = withHome(addMissing(own, present ?? new Map()), ownHome);
  let unwritten = sharedNames(variables);
  if (present !== null) {
    unwritten = files.saveEach(variables, present);
    files.saveWhole(variables);
  }

  const reload = (): void => {
    const found = files.load();
    if (found === null) return;
    variables = replaceBy(variables, found, unwritten, present ?? new Map());
    files.saveWhole(variables);
  };

  return {
    entries: () => entriesOf(variables).map(bytesOf),
    valueOf: (name) => variables.get(name),
    reload,
  };
}

/** A user whom the system does not know has the root directory as home. */
function ownHome(): ByteText {
  try {
    const home = findUserById(process.geteuid?.() ?? 0)?.home;
    return home === undefined || home.length === 0 ? "/" : textOf(home);
  } catch {
    return "/";
  }
}
