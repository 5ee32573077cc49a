import { Buffer } from "node:buffer";

import { withoutVariable, type EnvironmentEntry } from "@upkeep/linux/exec/environment";

const variable = "UPKEEP_SERVICE_FD";

/** The entry in the environment of a runsv that inherits its service directory as this descriptor. */
export function serviceDescriptorEntry(fd: number): EnvironmentEntry {
  return Buffer.from(`${variable}=${fd}`);
}

/**
 * The descriptor on which our parent has given us the service directory; null without. It is for a directory that has been
 * taken away since: what a killed runsv has left running there must be ended all the same.
 */
export function serviceDescriptor(): number | null {
  const text = process.env[variable] ?? "";
  const fd = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return fd > 2 ? fd : null;
}

/** An environment without that entry, which is not for our children. */
export function withoutServiceDescriptor(environment: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  return withoutVariable(environment, variable);
}
