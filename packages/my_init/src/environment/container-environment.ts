import { withoutTrace } from "@upkeep/program/trace/open-trace";
import { type ByteText, bytesOf, textOf } from "@upkeep/linux/core/byte-text";
import { environmentAtStart, type EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { findUserById } from "@upkeep/linux/users/user-database";

import { createEnvironmentFiles, type EnvironmentFiles, sharedNames } from "./environment-files.ts";
import type { HandedEnvironment } from "../core/handed.ts";
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
  /** What this my_init tells the program that takes its place. */
  handOver(): HandedEnvironment;
}

/**
 * Merges our own environment with the directory, and writes the result there. Never throws.
 *
 * @param handed what the my_init that was this process before has told. Startup files may have changed the directory since.
 */
export function createContainerEnvironment(
  warn: (message: string) => void,
  handed: HandedEnvironment | null = null,
): ContainerEnvironment {
  const files = createEnvironmentFiles(directory, warn);
  const { present, unwritten, ...first } = handed ?? begin(files);
  let { variables } = first;

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
    handOver: () => ({ variables, unwritten, present }),
  };
}

function begin(files: EnvironmentFiles): HandedEnvironment {
  const own = variablesOf(withoutTrace(environmentAtStart()).map(textOf));
  const present = files.load();
  const variables = withHome(addMissing(own, present ?? new Map()), ownHome);
  if (present === null) return { variables, unwritten: sharedNames(variables), present };
  const unwritten = files.saveEach(variables, present);
  files.saveWhole(variables);
  return { variables, unwritten, present };
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
