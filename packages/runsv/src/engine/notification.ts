import { closeSync } from "node:fs";

import type { Readiness } from "@upkeep/service-directory/core/run-settings";
import { duplicateAbove } from "@upkeep/linux/fd/descriptor";
import { errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";

import { uncontained, type Contain } from "./contain.ts";

/** Hears from a service that it is ready, by a pipe for each start of `./run`. The protocol is s6's. */
export interface Notifier {
  /** Prepares a start. What an earlier one writes from now on means nothing. */
  prepare(readiness: Readiness | null): PreparedStart;
  /** The process has ended. */
  forget(pid: number): void;
  close(): void;
  /** Goes on with the pipe of a run that has been started before this process was executed anew. */
  resume(pid: number, fd: number): void;
  /** The descriptor of the pipe that is listened to; null: none is. */
  descriptor(): number | null;
}

/** The pipe of a start that is about to come. */
export interface PreparedStart {
  /** For its spawn. */
  readonly descriptors: Readonly<Record<number, number>>;
  /** The caller passes the pid, or null when the start failed. */
  settle(pid: number | null): void;
}

const newline = 10;
/** Bytes without a newline after which nobody listens any more: what writes them does not speak this protocol. */
const most = 65_536;
const nothing: PreparedStart = { descriptors: {}, settle: () => {} };

/** @param onNotified called when a process has written a newline, perhaps before `settle` returns. */
export function createNotifier(
  warn: (message: string) => void,
  onNotified: (pid: number) => void,
  contain: Contain = uncontained,
): Notifier {
  let current: { readonly pid: number; readonly listener: Listener } | null = null;
  const closeCurrent = (): void => {
    current?.listener.close();
    current = null;
  };
  const begin = (pid: number, fd: number): Listener => {
    const listener = listen(fd, () => onNotified(pid), contain);
    current = { pid, listener };
    return listener;
  };
  return {
    prepare: (readiness) => {
      closeCurrent();
      if (readiness?.kind !== "notification-fd") return nothing;
      try {
        const { read, write } = openPipe(readiness.fd);
        const settle = (pid: number | null): void => {
          closeSync(write);
          if (pid === null) closeSync(read);
          else begin(pid, read).takeTurn();
        };
        return { descriptors: { [readiness.fd]: write }, settle };
      } catch (error) {
        warn(`unable to make notification pipe: ${reasonOf(errnoOf(error))}`);
        return nothing;
      }
    },
    forget: (pid) => {
      if (current?.pid === pid) closeCurrent();
    },
    close: closeCurrent,
    resume: (pid, fd) => begin(pid, fd).wait(),
    descriptor: () => (current?.listener.isOpen() === true ? current.listener.fd : null),
  };
}

/** A pipe whose writing end has a number above `fd`, as a spawn wants it. Throws SystemError. */
function openPipe(fd: number): { readonly read: number; readonly write: number } {
  const { read, write } = createPipe();
  try {
    return { read, write: duplicateAbove(write, fd + 1) };
  } catch (error) {
    closeSync(read);
    throw error;
  } finally {
    closeSync(write);
  }
}

interface Listener {
  readonly fd: number;
  readonly isOpen: () => boolean;
  /** Reads what is there. */
  readonly takeTurn: () => void;
  /** Reads when there is something, and not before this call has returned. */
  readonly wait: () => void;
  readonly close: () => void;
}

/**
 * Calls back at the first newline. The end of the input without one means nothing. Each turn takes one read, so that a
 * service that writes without end holds nobody up.
 */
function listen(fd: number, onNewline: () => void, contain: Contain): Listener {
  const bytes = new Uint8Array(4096);
  let left = most;
  let isOpen = true;
  const takeTurn = (): void => {
    const count = readAvailable(fd, bytes);
    const isReady = count > 0 && bytes.subarray(0, count).includes(newline);
    left -= Math.max(count, 0);
    if (isReady || count === 0 || left <= 0) close();
    else readable.wait();
    if (isReady) onNewline();
  };
  const readable = watchReadable(fd, contain(takeTurn));
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    readable.close();
    closeSync(fd);
  };
  return { fd, isOpen: () => isOpen, takeTurn, wait: () => readable.wait(), close };
}
