import { writeSync } from "node:fs";

import { setCloseOnExec } from "@upkeep/syscalls/descriptor";
import type { EnvironmentEntry } from "@upkeep/syscalls/environment";
import type { Exit } from "@upkeep/syscalls/wait";

import type { ReportedEvent } from "./effect.ts";

/** Tells the parent what happens to the service, if it wants to know. */
export type Report = (event: ReportedEvent, exit: Exit | null, isCritical: boolean) => void;

const variable = "UPKEEP_EVENTS_FD";

/** Exit code that stands for a `./run` that could not be started. Source: runit 2.1.2. */
const notStarted = 111;

/**
 * Opens the way to the parent: one JSON object a line on the descriptor that UPKEEP_EVENTS_FD names. Nothing depends
 * on anybody reading: what does not fit into the pipe is dropped. Services do not get the descriptor.
 *
 * @param directory the service directory, as it was given.
 */
export function openReports(service: string, directory: string): Report {
  const fd = eventsDescriptor();
  if (fd === null || !hide(fd)) return () => {};
  return (event, exit, critical) => {
    const hasEnd = event !== "ready" && event !== "unready";
    const code = !hasEnd || exit?.kind === "killed" ? null : (exit?.code ?? notStarted);
    const signal = hasEnd && exit?.kind === "killed" ? exit.signal : null;
    try {
      writeSync(fd, `${JSON.stringify({ event, service, directory, code, signal, critical })}\n`);
    } catch {
      // Full, or nobody is there any more.
    }
  };
}

/** The descriptor that the parent has named; null when there is none. */
export function eventsDescriptor(): number | null {
  const text = process.env[variable] ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
}

function hide(fd: number): boolean {
  try {
    setCloseOnExec(fd, true);
    return true;
  } catch {
    return false;
  }
}

/** The environment of the services, whom the parent does not ask. */
export function withoutReports(environment: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  const start = new TextEncoder().encode(`${variable}=`);
  return environment.filter((entry) => !start.every((byte, index) => entry[index] === byte));
}
