import { closeSync, writeSync } from "node:fs";

import { duplicateAbove, freeInChildren, setCloseOnExec, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { withoutVariable, type EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { createPipe, type Pipe } from "@upkeep/linux/fd/pipe";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";

import { descriptorIn } from "./descriptor-variable.ts";
import type { RenewedProgram } from "../core/renewal-record.ts";
import { createEventSender } from "./event-sender.ts";

/**
 * What a supervisor tells its parent: one JSON object a line, on the descriptor that UPKEEP_EVENTS_FD names. A parent
 * that never reads must not block us: an event that does not fit into the pipe is dropped or, if it is critical, written
 * later. See docs/supervise-directory.md.
 */
export interface SupervisionEvent {
  /**
   * `critical` comes from runsvdir, which then stops everything; `renew` as well: it has been executed anew, and so should
   * its parent be. The others come from runsv.
   */
  readonly event: "ready" | "unready" | "exit" | "failed" | "satisfied" | "critical" | "renewed" | "renew";
  readonly service: string;
  /** The service directory, as the supervisor was given it. */
  readonly directory: string;
  /** Exit code, or null. */
  readonly code: number | null;
  /** Number of the signal that ended it, or null. */
  readonly signal: number | null;
  /** Whether everything is to stop. */
  readonly critical: boolean;
  /** What came of a renewal; only with `renewed`. */
  readonly renewal?: RenewedProgram;
}

const variable = "UPKEEP_EVENTS_FD";

/** The descriptor that our parent has named; null when it names none, or standard input, output or error. */
export function eventsDescriptor(): number | null {
  return descriptorIn(variable);
}

/** Opens the descriptor to our parent, which no child of ours inherits; null when the parent does not want events. */
export function openEvents(): ((event: SupervisionEvent) => void) | null {
  const fd = eventsDescriptor();
  if (fd === null) return null;
  try {
    setCloseOnExec(fd, true);
    // Whoever made the pipe may have left it blocking.
    setNonBlocking(fd, true);
  } catch {
    return null;
  }
  const send = createEventSender({ write: (bytes) => writeNow(fd, bytes), later: setTimeout });
  return (event) =>
    send(
      Buffer.from(`${JSON.stringify(event)}\n`),
      event.critical || event.event === "renewed" || event.event === "renew",
    );
}

/** Errors that may be over a moment later. After any other, as when the reader has gone, another try is useless. */
const passing: ReadonlySet<number> = new Set([errno.EAGAIN, errno.EINTR, errno.ENOSPC, errno.EDQUOT, errno.ENOMEM]);

function writeNow(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (passing.has(errnoOf(error))) return -1;
    throw error;
  }
}

/** An environment without the name of our parent's descriptor, which our children do not have. */
export function withoutEvents(environment: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  return withoutVariable(environment, variable);
}

/** What children need to tell us of events. */
export interface EventsChannel {
  /** Their environment, made from this one. */
  readonly environmentOf: (environment: readonly EnvironmentEntry[]) => readonly EnvironmentEntry[];
  /** For their spawn: the number in the child, and ours. */
  readonly descriptors: Readonly<Record<number, number>>;
  /** Reads what is there now. To be called before the end of a child is dealt with: what it told before comes first. */
  readonly readNow: () => void;
  /** Both of our ends. */
  readonly pipe: Pipe;
}

/** A read takes all that a pipe holds. */
const readsATurn = 2;

/**
 * Makes a pipe for the children's events, and calls back with each. Throws SystemError.
 *
 * @param pipe one that children have already. It is ours from now on.
 */
export function listenForEvents(onEvent: (event: SupervisionEvent) => void, pipe: Pipe | null = null): EventsChannel {
  const { read, write } = pipe ?? createPipe();
  setNonBlocking(write, true);
  // The services are to get what we were given.
  const childDescriptor = freeInChildren(3);
  const above = duplicateAbove(write, childDescriptor + 1);
  closeSync(write);
  const bytes = new Uint8Array(65_536);
  const decoder = new TextDecoder();
  let rest = "";
  const readable = watchReadable(read, () => readNow());
  const readNow = (): void => {
    readable.wait();
    // What the pipe holds, and no more: a child that writes without end must not hold us up.
    for (let left = readsATurn; left > 0; left--) {
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
  readNow();
  const assignment = new TextEncoder().encode(`${variable}=${childDescriptor}`);
  return {
    environmentOf: (environment) => [...withoutEvents(environment), assignment],
    descriptors: { [childDescriptor]: above },
    readNow,
    pipe: { read, write: above },
  };
}

/** Decodes a line; null when it is no event. */
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

/** The exit code for an end: 128 plus the number of the signal, and 111, which is no success, where nothing is known. */
export function codeOfEvent({ code, signal }: Pick<SupervisionEvent, "code" | "signal">): number {
  return signal === null ? (code ?? 111) : 128 + signal;
}
