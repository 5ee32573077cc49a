import { Buffer } from "node:buffer";

import { withoutVariable, type EnvironmentEntry } from "@upkeep/linux/exec/environment";

const variable = "UPKEEP_LAST_START";

/** What tells a runsv in its environment that it {@link isLastStart}. */
export const lastStart: EnvironmentEntry = Buffer.from(`${variable}=1`);

/**
 * Whether our parent, which is stopping all services, has started us only to end what a runsv that was killed has
 * left. A signal would not do: before a program has its handler, TERM just ends it.
 */
export function isLastStart(): boolean {
  return process.env[variable] === "1";
}

/** An environment without that word, which is not for our children. */
export function withoutLastStart(environment: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  return withoutVariable(environment, variable);
}
