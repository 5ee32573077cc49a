import { Buffer } from "node:buffer";

import { type ByteText, bytesOf, textOf } from "@upkeep/linux/core/byte-text";
import { inheritedEnvironment, type EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { findUserById } from "@upkeep/linux/users/user-database";

import { createEnvironmentFiles, sharedNames } from "./environment-files.ts";
import { addMissing, entriesOf, replaceBy, type Variables, variablesOf, withHome } from "../core/variables.ts";

const directory = "/etc/container_environment";

/** The environment that everything in the container starts with. */
export interface ContainerEnvironment {
  /** As it is by now. */
  entries(): readonly EnvironmentEntry[];
  /** A variable's value, as bytes in a string. */
  valueOf(name: string): string | undefined;
  /** A startup file has run: what it left in the directory is what everybody gets from now on. */
  reload(): void;
}

/** Makes the environment of what we were started with and of the directory, and writes it there. Never throws. */
export function createContainerEnvironment(warn: (message: string) => void): ContainerEnvironment {
  const files = createEnvironmentFiles(directory, warn);
  const own = variablesOf(ownEntries());
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

/** Without /proc, what the runtime knows of it. */
function ownEntries(): readonly ByteText[] {
  try {
    return inheritedEnvironment().map(textOf);
  } catch {
    const found: Variables = new Map(Object.entries(process.env).map(([name, value = ""]) => [name, value]));
    return entriesOf(found).map((entry) => textOf(Buffer.from(entry, "utf8")));
  }
}

/** Somebody whom the system does not know lives in the root directory. */
function ownHome(): ByteText {
  try {
    const home = findUserById(process.geteuid?.() ?? 0)?.home;
    return home === undefined || home.length === 0 ? "/" : textOf(home);
  } catch {
    return "/";
  }
}
