import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { internalError } from "@upkeep/program/process/run-program";
import { NotAFifoError } from "@upkeep/supervise/fifo/supervisor-end";
import { SystemError } from "@upkeep/linux/core/errno";

import type { Moment } from "../core/moment.ts";
import { isSatisfied, type Slot } from "../core/slot.ts";
import {
  mayWait,
  renderStateJson,
  renderStatus,
  renderStatusRecord,
  type Start,
  type StatusFiles,
  type Supervision,
} from "../core/status.ts";
import { isGone, type SuperviseFiles } from "./supervise-files.ts";
import type { State } from "../core/supervisor.ts";

/** Milliseconds until another try when the files could not be written. */
const retryPause = 1000;

/** Keeps the files of both `supervise` directories as the state is. */
export interface Publisher {
  publish(state: State): void;
  /**
   * Writes what `sv` reads, so that it is there before others see that we supervise. The first publication, which follows
   * at once, writes the rest: most often there is a start before it, and all files would be written twice.
   */
  begin(state: State): void;
  /** Whether a publication of this state may come at the end of the turn. */
  mayWait(state: State): boolean;
  /** Puts on record what is about to be started, until the next publication. */
  announce(slot: Slot, what: Start["what"], at: Moment): void;
  /** Monotonic: when to publish again because it failed, although nothing happened; Infinity for never. */
  retryAt(): number;
}

/** One `supervise` directory to keep up to date. */
export interface Published {
  readonly files: SuperviseFiles;
  /** Makes the directory anew after somebody has removed it, and opens all in it. Throws SystemError. */
  reopen(): void;
}

/** What the publisher needs. */
export interface PublisherPorts {
  readonly service: Published;
  readonly log: Published | null;
  /** The service's name. */
  readonly name: string;
  readonly supervision: Supervision;
  readonly say: Diagnostics;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

/**
 * A failure to write does not stop the supervision. One warning tells of it, and the publisher tries again a second
 * later, or with the next change.
 */
export function createPublisher({ service, log, name, supervision, say, now }: PublisherPorts): Publisher {
  const targets = { service: openTarget(service), log: log === null ? null : openTarget(log) };
  let retry = Infinity;

  const attempt = (target: Target, write: () => void): unknown => {
    try {
      write();
      target.warned.clear();
      return null;
    } catch (error) {
      const message =
        error instanceof SystemError || error instanceof NotAFifoError ? error.message : internalError(error);
      if (!target.warned.has(message)) say.warning(message);
      target.warned.add(message);
      retry = now() + retryPause;
      return error;
    }
  };

  const write = (target: Target, files: Partial<StatusFiles>, onWritten: () => void): void => {
    const publish = (): void => {
      target.files.publish(files);
      onWritten();
    };
    const failed = attempt(target, publish);
    if (failed !== null && isGone(failed)) {
      attempt(target, () => {
        target.reopen();
        publish();
      });
    }
  };

  const publishSlot = (slot: Slot): void => {
    const target = targets[slot.name];
    if (target === null) return;
    target.published = slot;
    target.isWhole = false;
    write(target, renderStatus(slot, name, supervision), () => {
      target.isWhole = true;
      const satisfied = isSatisfied(slot);
      if (satisfied && !target.wasSatisfied) target.files.wakeWaiters();
      target.wasSatisfied = satisfied;
    });
  };

  const slotMayWait = (slot: Slot): boolean => {
    const target = targets[slot.name];
    if (target === null || target.published === null || !target.isWhole) return false;
    return target.published === slot || mayWait(slot, target.published);
  };

  return {
    publish: (state) => {
      retry = Infinity;
      publishSlot(state.service);
      if (state.log !== null) publishSlot(state.log);
    },
    mayWait: (state) =>
      retry === Infinity && slotMayWait(state.service) && (state.log === null || slotMayWait(state.log)),
    begin: (state) => {
      for (const slot of [state.service, state.log]) {
        const target = slot === null ? null : targets[slot.name];
        if (slot === null || target === null) continue;
        target.published = slot;
        write(target, { status: renderStatusRecord(slot) }, () => {});
      }
    },
    announce: (slot, what, at) => {
      const target = targets[slot.name];
      if (target === null || target.published === null) return;
      // For everybody but a successor the state stays as it was published.
      target.isWhole = false;
      const record = renderStateJson(target.published, name, supervision, { what, at, slot });
      write(target, { "state.json": record }, () => {});
    },
    retryAt: () => retry,
  };
}

interface Target extends Published {
  /** The warnings since the files could last be written. */
  readonly warned: Set<string>;
  wasSatisfied: boolean;
  /** The slot as it was published last. */
  published: Slot | null;
  /** Whether all files tell of it. */
  isWhole: boolean;
}

function openTarget(published: Published): Target {
  return { ...published, warned: new Set(), wasSatisfied: false, published: null, isWhole: false };
}
