import { Buffer } from "node:buffer";

import { withoutVariable, type EnvironmentEntry } from "@upkeep/linux/exec/environment";

const variable = "UPKEEP_LAST_START";

/** The entry in the environment of a runsv for which {@link isLastStart} is true. */
export const lastStart: EnvironmentEntry = Buffer.from(`${variable}=1`);

/**
 * Whether our parent, which is stopping all services, has started us only to end what a killed runsv has left running.
 * A signal cannot say so: it would end us before we have a handler for it.
 */
export function isLastStart(): boolean {
  return process.env[variable] === "1";
}

/** An environment without that entry, which is not for our children. */
export function withoutLastStart(environment: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  return withoutVariable(environment, variable);
}
