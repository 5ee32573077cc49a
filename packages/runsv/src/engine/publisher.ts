import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { internalError } from "@upkeep/program/process/run-program";
import { NotAFifoError } from "@upkeep/supervise/fifo/supervisor-end";
import { monotonicMillis } from "@upkeep/linux/time/clock";
import { SystemError } from "@upkeep/linux/core/errno";

import type { Moment } from "../core/moment.ts";
import { isSatisfied, type Slot } from "../core/slot.ts";
import { renderStatus, type Here, type Start, type StatusFiles } from "../core/status.ts";
import { isGone, type SuperviseFiles } from "./supervise-files.ts";
import type { State } from "../core/supervisor.ts";

/** Milliseconds until another try when the files could not be written. */
const retryPause = 1000;

/** Keeps the files of both `supervise` directories in step with the state. */
export interface Publisher {
  publish(state: State): void;
  /** Puts on record that something is about to be started, until the next publication. */
  announce(slot: Slot, what: Start["what"], at: Moment): void;
  /** Monotonic: when to publish again although nothing happened, because it failed; Infinity for never. */
  retryAt(): number;
}

/** One `supervise` directory to keep up to date. */
export interface Published {
  readonly files: SuperviseFiles;
  /** Makes the directory anew and opens all in it, after it was removed. Throws SystemError. */
  reopen(): void;
}

/**
 * Nothing that happens to these files stops the supervision: it is said once, and tried again, after
 * a second or with the next change.
 */
export function createPublisher(
  service: Published,
  log: Published | null,
  name: string,
  here: Here,
  say: Diagnostics,
): Publisher {
  const targets = { service: openTarget(service), log: log === null ? null : openTarget(log) };
  let retry = Infinity;

  const fail = (target: Target, error: unknown): void => {
    const message =
      error instanceof SystemError || error instanceof NotAFifoError ? error.message : internalError(error);
    if (!target.said.has(message)) say.warning(message);
    target.said.add(message);
    retry = monotonicMillis() + retryPause;
  };

  const publishSlot = (slot: Slot): void => {
    const target = targets[slot.name];
    if (target === null) return;
    target.shown = slot;
    writeFiles(target, renderStatus(slot, name, here), () => {
      const satisfied = isSatisfied(slot);
      if (satisfied && !target.wasSatisfied) target.files.wakeWaiters();
      target.wasSatisfied = satisfied;
    });
  };

  const writeFiles = (target: Target, files: StatusFiles, afterwards: () => void): void => {
    const write = (): void => {
      target.files.publish(files);
      target.said.clear();
      afterwards();
    };
    try {
      write();
    } catch (error) {
      fail(target, error);
      if (isGone(error)) reopen(target, write);
    }
  };

  const reopen = (target: Target, write: () => void): void => {
    try {
      target.reopen();
      write();
    } catch (error) {
      fail(target, error);
    }
  };

  return {
    publish: ({ service: serviceSlot, log: logSlot }) => {
      retry = Infinity;
      publishSlot(serviceSlot);
      if (logSlot !== null) publishSlot(logSlot);
    },
    announce: (slot, what, at) => {
      const target = targets[slot.name];
      // To everybody else the state is what it was.
      if (target?.shown) writeFiles(target, renderStatus(target.shown, name, here, { what, at, slot }), () => {});
    },
    retryAt: () => retry,
  };
}

interface Target extends Published {
  /** What has been warned of since the files could last be written. */
  readonly said: Set<string>;
  wasSatisfied: boolean;
  /** The slot as it was published last. */
  shown: Slot | null;
}

function openTarget(published: Published): Target {
  return { ...published, said: new Set(), wasSatisfied: false, shown: null };
}
