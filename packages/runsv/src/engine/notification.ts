import { closeSync } from "node:fs";

import type { Readiness } from "@upkeep/service-directory/core/run-settings";
import { duplicateAbove } from "@upkeep/linux/fd/descriptor";
import { errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable, watchReadable, type Watch } from "@upkeep/linux/fd/readable";
import type { Diagnostics } from "@upkeep/program/messages/diagnostics";

import { uncontained, type Contain } from "./contain.ts";

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
/** What is read. Nothing of it is kept. */
const bytes = new Uint8Array(4096);
const nothing: PreparedStart = { descriptors: {}, settle: () => {} };

/** What it needs to hear. */
export interface NotifierPorts {
  readonly say: Pick<Diagnostics, "warning">;
  /** Called when a process has written a newline, perhaps before {@link PreparedStart.settle} returns. */
  onNotified(pid: number): void;
  readonly contain?: Contain;
}

/** Hears from a service that it is ready, by a pipe for each start of `./run`. The protocol is s6's. */
export class Notifier {
  readonly #ports: NotifierPorts;
  /** Null until a start has a pipe. */
  #listener: Listener | null = null;

  constructor(ports: NotifierPorts) {
    this.#ports = ports;
  }

  /** Prepares a start. What an earlier one writes from now on means nothing. */
  prepare(readiness: Readiness | null): PreparedStart {
    this.close();
    if (readiness?.kind !== "notification-fd") return nothing;
    try {
      const { read, write } = openPipe(readiness.fd);
      const settle = (pid: number | null): void => {
        closeSync(write);
        if (pid === null) closeSync(read);
        else this.#begin(pid, read).takeTurn();
      };
      return { descriptors: { [readiness.fd]: write }, settle };
    } catch (error) {
      this.#ports.say.warning(`unable to make notification pipe: ${reasonOf(errnoOf(error))}`);
      return nothing;
    }
  }

  /** The process has ended. */
  forget(pid: number): void {
    if (this.#listener?.pid === pid) this.close();
  }

  close(): void {
    this.#listener?.close();
    this.#listener = null;
  }

  /** Goes on with the pipe of a run that has been started before this process was executed anew. */
  resume(pid: number, fd: number): void {
    this.#begin(pid, fd).wait();
  }

  /** The descriptor of the pipe that is listened to; null: none is. */
  descriptor(): number | null {
    return this.#listener?.isOpen === true ? this.#listener.fd : null;
  }

  #begin(pid: number, fd: number): Listener {
    this.#listener = new Listener(pid, fd, this.#ports);
    return this.#listener;
  }
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

/**
 * Tells of the first newline. The end of the input without one means nothing. Each turn takes one read, so that a service
 * that writes without end holds nobody up.
 */
class Listener {
  readonly pid: number;
  readonly fd: number;
  isOpen = true;
  readonly #ports: NotifierPorts;
  readonly #readable: Watch;
  #left = most;

  constructor(pid: number, fd: number, ports: NotifierPorts) {
    const { contain = uncontained } = ports;
    this.pid = pid;
    this.fd = fd;
    this.#ports = ports;
    this.#readable = watchReadable(
      fd,
      contain(() => this.takeTurn()),
    );
  }

  /** Reads what is there. */
  takeTurn(): void {
    const count = readAvailable(this.fd, bytes);
    const isReady = count > 0 && bytes.subarray(0, count).includes(newline);
    this.#left -= Math.max(count, 0);
    if (isReady || count === 0 || this.#left <= 0) this.close();
    else this.wait();
    if (isReady) this.#ports.onNotified(this.pid);
  }

  /** Reads when there is something, and not before this call has returned. */
  wait(): void {
    this.#readable.wait();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#readable.close();
    closeSync(this.fd);
  }
}
