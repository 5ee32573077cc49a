import { resolve } from "node:path";

import { type EnvironmentEntry, withoutVariable } from "@upkeep/linux/exec/environment";

import type { Trace } from "./trace-file.ts";

const variable = "UPKEEP_TRACE";

/**
 * Opens the trace that UPKEEP_TRACE asks for, a file or a descriptor by its number. Null without the variable; then the
 * code that writes traces is not even loaded.
 *
 * @param about what the program works on. @param warn is told, once, why there is no trace, or none any more.
 * @param number tells state machines apart: the pid, unless the process has several.
 */
export async function openTrace(
  program: string,
  about: string,
  warn: (message: string) => void,
  number: number = process.pid,
): Promise<Trace | null> {
  const target = process.env[variable] ?? "";
  if (target === "") return null;
  const { openTraceFile } = await import("./trace-file.ts");
  return openTraceFile(target, program, about, warn, number);
}

/** The descriptor that UPKEEP_TRACE names; null when it names a file or is not set. */
export function traceDescriptor(): number | null {
  const target = process.env[variable] ?? "";
  return /^\d{1,6}$/.test(target) ? Number(target) : null;
}

/** An environment without the variable, which is not for services. */
export function withoutTrace(environment: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  return withoutVariable(environment, variable);
}

/**
 * What a supervisor that we start needs in its environment to write to the same trace. It has another working directory,
 * and none of our descriptors: a trace of several processes needs a file.
 */
export function traceEntries(): readonly EnvironmentEntry[] {
  const target = process.env[variable] ?? "";
  if (target === "" || traceDescriptor() !== null) return [];
  return [new TextEncoder().encode(`${variable}=${resolve(target)}`)];
}
