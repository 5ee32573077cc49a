import { closeSync, writeSync } from "node:fs";

import { duplicateAbove, setCloseOnExec, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { withoutVariable, type EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";

import { createEventSender } from "./event-sender.ts";

/**
 * What a supervisor tells its parent: one JSON object a line, on the descriptor that UPKEEP_EVENTS_FD names. Nobody's
 * not reading it holds anything up: what does not fit into the pipe is dropped, or, if it is critical, written later.
 * See docs/supervise-directory.md.
 */
export interface SupervisionEvent {
  /** `critical` comes from runsvdir, which then stops all; the others from runsv. */
  readonly event: "ready" | "unready" | "exit" | "failed" | "satisfied" | "critical";
  readonly service: string;
  /** The service directory, as the supervisor was given it. */
  readonly directory: string;
  /** Exit code, or null. */
  readonly code: number | null;
  /** Number of the signal that ended it, or null. */
  readonly signal: number | null;
  /** Whether everything is to stop for it. */
  readonly critical: boolean;
}

const variable = "UPKEEP_EVENTS_FD";

/** What the descriptor is in a child: the lowest that is free there. */
const childDescriptor = 3;

/** The descriptor that our parent has named; null when there is none, or one of the first three, which are not for this. */
export function eventsDescriptor(): number | null {
  const text = process.env[variable] ?? "";
  const fd = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return fd > 2 ? fd : null;
}

/** Opens the way to our parent, which no child of ours is to inherit; null when it wants to know nothing. */
export function openEvents(): ((event: SupervisionEvent) => void) | null {
  const fd = eventsDescriptor();
  if (fd === null) return null;
  try {
    setCloseOnExec(fd, true);
    // Nobody's not reading it is to hold us up, whoever made it.
    setNonBlocking(fd, true);
  } catch {
    return null;
  }
  const send = createEventSender({ write: (bytes) => writeNow(fd, bytes), later: setTimeout });
  return (event) => send(Buffer.from(`${JSON.stringify(event)}\n`), event.critical);
}

/** What may be over a moment later. For all else, as when nobody is there any more, nothing is worth another try. */
const passing: ReadonlySet<number> = new Set([errno.EAGAIN, errno.EINTR, errno.ENOSPC, errno.EDQUOT, errno.ENOMEM]);

function writeNow(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (passing.has(errnoOf(error))) return -1;
    throw error;
  }
}

/** An environment without the name of our parent's descriptor, which is closed to our children. */
export function withoutEvents(environment: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  return withoutVariable(environment, variable);
}

/** What children get to tell of events. */
export interface EventsChannel {
  /** Their environment, made of this one. */
  readonly environmentOf: (environment: readonly EnvironmentEntry[]) => readonly EnvironmentEntry[];
  /** For their spawn. */
  readonly descriptors: Readonly<Record<number, number>>;
  /** Calls back with what is there now. What a child has told before its end is to be heard before that is dealt with. */
  readonly look: () => void;
}

/** Makes a pipe for the children's events, and calls back with each. Throws SystemError. */
export function listenForEvents(onEvent: (event: SupervisionEvent) => void): EventsChannel {
  const { read, write } = createPipe();
  setNonBlocking(write, true);
  const above = duplicateAbove(write, childDescriptor + 1);
  closeSync(write);
  const bytes = new Uint8Array(65_536);
  const decoder = new TextDecoder();
  let rest = "";
  const readable = watchReadable(read, () => look());
  const look = (): void => {
    for (;;) {
      readable.wait();
      const count = readAvailable(read, bytes);
      if (count <= 0) return;
      const lines = `${rest}${decoder.decode(bytes.subarray(0, count), { stream: true })}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = decodeEvent(line);
        if (event !== null) onEvent(event);
      }
    }
  };
  look();
  const assignment = new TextEncoder().encode(`${variable}=${childDescriptor}`);
  return {
    environmentOf: (environment) => [...withoutEvents(environment), assignment],
    descriptors: { [childDescriptor]: above },
    look,
  };
}

/** Reads a line; null when it is none of ours. */
export function decodeEvent(line: string): SupervisionEvent | null {
  try {
    const found = JSON.parse(line) as Partial<SupervisionEvent> | null;
    const isWhole =
      typeof found?.event === "string" && typeof found.service === "string" && typeof found.critical === "boolean";
    return isWhole ? (found as SupervisionEvent) : null;
  } catch {
    return null;
  }
}

/** The exit code that tells of an end: 128 and the number of the signal; 111 where nothing is known, which is no success. */
export function codeOfEvent({ code, signal }: Pick<SupervisionEvent, "code" | "signal">): number {
  return signal === null ? (code ?? 111) : 128 + signal;
}
