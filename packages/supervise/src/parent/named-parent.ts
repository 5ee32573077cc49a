import { Buffer } from "node:buffer";

import { withoutVariable, type EnvironmentEntry } from "@upkeep/linux/exec/environment";

const variable = "UPKEEP_PARENT";

/** The entry in the environment of a runsv whose parent this is: pid and start in clock ticks since boot. */
export function parentEntry(pid: number, startTicks: number): EnvironmentEntry {
  return Buffer.from(`${variable}=${pid} ${startTicks}`);
}

/**
 * The parent that has started us, as pid and start in one text; null where it has not said so. The kernel would name
 * another one if ours has been killed meanwhile, and then no successor of our parent could tell that we are without one.
 */
export function namedParent(): string | null {
  const text = process.env[variable] ?? "";
  return /^[1-9]\d{0,9} \d{1,15}$/.test(text) ? text : null;
}

/** An environment without that entry, which is not for our children. */
export function withoutParent(environment: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  return withoutVariable(environment, variable);
}
