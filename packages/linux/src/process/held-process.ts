import { closeSync } from "node:fs";

import { libc } from "#libc";

import { isReadyFor, POLLIN } from "../fd/poll.ts";
import { wakeAllReady, watchReady, type Watch } from "../fd/readable.ts";
import { bootMillis } from "../time/clock.ts";
import { processInfo, type ProcessInfo } from "./process-info.ts";
import { type SignalName, signals } from "../core/signals.ts";

/** Numbers of system calls, which are the same on all architectures. */
const pidfdSendSignal = 424;
const pidfdOpen = 434;

/** Milliseconds between two looks at all processes that are watched: none of them says when it was alive. */
const lookPause = 1000;

/** A process that need not be our child. While it is held, a signal cannot reach another process with the same pid. */
export interface HeldProcess {
  readonly pid: number;
  /** What /proc said of it when we got hold of it. */
  readonly info: ProcessInfo;
  hasEnded(): boolean;
  /**
   * Sends a signal to this process (pidfd_send_signal(2)), or to none if it has ended.
   *
   * @param signal 0 sends nothing.
   */
  signal(signal: SignalName | number): void;
  /** Calls back once when it has ended, with the time (ms since boot) when it was last seen alive. */
  watch(onEnd: (aliveAt: number) => void): void;
  /** Watches no more. */
  close(): void;
}

/**
 * Gets hold of a living process by its pid and its start time (pidfd_open(2)).
 *
 * @param startTicks as in {@link processInfo}.
 * @returns null if there is no such process any more, or it cannot be held. A zombie has ended, unless another thread of
 * it lives.
 */
export function holdProcess(pid: number, startTicks: number): HeldProcess | null {
  const fd = libc.syscall(pidfdOpen, pid, 0, 0, 0);
  if (fd === -1) return null;
  // In this order: if it lives after its start time was read, the start time is its own.
  const info = processInfo(pid);
  const heldAt = bootMillis();
  if (info?.startTicks !== startTicks || isReadable(fd)) {
    closeSync(fd);
    return null;
  }
  let isOpen = true;
  let watch: Watch | null = null;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    if (watch !== null) watched -= 1;
    watch?.close();
    closeSync(fd);
  };
  const hasEnded = (): boolean => !isOpen || isReadable(fd);
  return {
    pid,
    info,
    hasEnded,
    signal: (signal) => {
      if (!isOpen) return;
      libc.syscall(pidfdSendSignal, fd, typeof signal === "number" ? signal : signals[signal], 0, 0);
    },
    watch: (onEnd) => {
      watched += 1;
      const own = watchReady(fd, () => {
        // Where the kernel watches no more descriptors, this is but a time to look.
        if (!isReadable(fd)) return own.wait();
        close();
        onEnd(Math.max(heldAt, lookedAt));
      });
      watch = own;
      own.wait();
      timer ??= setTimeout(lookAtAll, lookPause);
    },
    close,
  };
}

/** How many are watched. One timer serves all of them. */
let watched = 0;
let timer: NodeJS.Timeout | undefined;
/** When those that are watched were last seen alive. */
let lookedAt = 0;

function lookAtAll(): void {
  // In this order: of those that have not lived at that moment, the end is told.
  const now = bootMillis();
  wakeAllReady();
  lookedAt = now;
  timer = watched > 0 ? setTimeout(lookAtAll, lookPause) : undefined;
}

/** A pidfd is readable when all threads of its process have ended. */
function isReadable(fd: number): boolean {
  return isReadyFor(fd, POLLIN);
}
