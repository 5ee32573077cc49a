import { closeSync } from "node:fs";

import { libc } from "#libc";

import { bootMillis } from "../time/clock.ts";
import { processInfo } from "./process-info.ts";
import { type SignalName, signals } from "../core/signals.ts";

/** Numbers of system calls; the same on all architectures that came to the kernel's common table. */
const pidfdSendSignal = 424;
const pidfdOpen = 434;
const POLLIN = 1;

/** How often, in ms, a held process is looked at: a pidfd takes no O_ASYNC, and the runtimes cannot wait for one. */
const lookPause = 50;

/** A process that need not be our child, held so that its pid cannot come to mean another one. */
export interface HeldProcess {
  readonly pid: number;
  hasEnded(): boolean;
  /**
   * Sends a signal to this very process (pidfd_send_signal(2)); none when it has ended.
   *
   * @param signal number 0 only asks.
   */
  signal(signal: SignalName | number): void;
  /** Calls back once when it has ended, with the moment (ms since boot) at which it was last seen alive. */
  watch(onEnd: (aliveAt: number) => void): void;
  /** Watches no more. */
  close(): void;
}

/**
 * Gets hold of a living process by its pid and the start time that goes with it (pidfd_open(2)).
 *
 * @param startTicks as in {@link processInfo}. @returns null when there is no such process (any more), or no way to
 * hold it. A zombie has ended, but not as long as another thread of it lives.
 */
export function holdProcess(pid: number, startTicks: number): HeldProcess | null {
  const fd = libc.syscall(pidfdOpen, pid, 0, 0, 0);
  if (fd === -1) return null;
  // In this order: a process that lives after its start time was read is the one that it was read of.
  const isIt = processInfo(pid)?.startTicks === startTicks && !isReadable(fd);
  if (!isIt) {
    closeSync(fd);
    return null;
  }
  let isOpen = true;
  let timer: NodeJS.Timeout | undefined;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    clearTimeout(timer);
    closeSync(fd);
  };
  const hasEnded = (): boolean => !isOpen || isReadable(fd);
  return {
    pid,
    hasEnded,
    signal: (signal) => {
      if (!isOpen) return;
      libc.syscall(pidfdSendSignal, fd, typeof signal === "number" ? signal : signals[signal], 0, 0);
    },
    watch: (onEnd) => {
      let aliveAt = bootMillis();
      const look = (): void => {
        const now = bootMillis();
        if (hasEnded()) {
          close();
          return onEnd(aliveAt);
        }
        aliveAt = now;
        timer = setTimeout(look, lookPause);
      };
      timer = setTimeout(look, lookPause);
    },
    close,
  };
}

/** A pidfd is readable when all threads of its process have ended. */
function isReadable(fd: number): boolean {
  const entry = new Uint8Array(8);
  const view = new DataView(entry.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, POLLIN, true);
  return libc.poll(entry, 1, 0) > 0;
}
