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
export function createPublisher(ports: PublisherPorts): Publisher {
  return new StatePublisher(ports);
}

class StatePublisher implements Publisher {
  readonly #service: Target;
  readonly #log: Target | null;
  readonly #name: string;
  readonly #supervision: Supervision;
  readonly #say: Diagnostics;
  readonly #now: () => number;
  #retry = Infinity;

  constructor({ service, log, name, supervision, say, now }: PublisherPorts) {
    this.#service = openTarget(service);
    this.#log = log === null ? null : openTarget(log);
    this.#name = name;
    this.#supervision = supervision;
    this.#say = say;
    this.#now = now;
  }

  publish(state: State): void {
    this.#retry = Infinity;
    this.#publishSlot(state.service);
    if (state.log !== null) this.#publishSlot(state.log);
  }

  mayWait(state: State): boolean {
    return (
      this.#retry === Infinity &&
      this.#slotMayWait(state.service) &&
      (state.log === null || this.#slotMayWait(state.log))
    );
  }

  begin(state: State): void {
    for (const slot of [state.service, state.log]) {
      const target = slot === null ? null : this.#targetOf(slot);
      if (slot === null || target === null) continue;
      target.published = slot;
      this.#write(target, { status: renderStatusRecord(slot) });
    }
  }

  announce(slot: Slot, what: Start["what"], at: Moment): void {
    const target = this.#targetOf(slot);
    if (target === null || target.published === null) return;
    // For everybody but a successor the state stays as it was published.
    target.isWhole = false;
    const record = renderStateJson(target.published, this.#name, this.#supervision, { what, at, slot });
    this.#write(target, { "state.json": record });
  }

  retryAt(): number {
    return this.#retry;
  }

  #targetOf({ name }: Slot): Target | null {
    return name === "log" ? this.#log : this.#service;
  }

  #publishSlot(slot: Slot): void {
    const target = this.#targetOf(slot);
    if (target === null) return;
    target.published = slot;
    target.isWhole = false;
    this.#write(target, renderStatus(slot, this.#name, this.#supervision), () => {
      target.isWhole = true;
      const satisfied = isSatisfied(slot);
      if (satisfied && !target.wasSatisfied) target.side.files.wakeWaiters();
      target.wasSatisfied = satisfied;
    });
  }

  #slotMayWait(slot: Slot): boolean {
    const target = this.#targetOf(slot);
    if (target === null || target.published === null || !target.isWhole) return false;
    return target.published === slot || mayWait(slot, target.published);
  }

  #write(target: Target, files: Partial<StatusFiles>, onWritten?: () => void): void {
    const publish = (): void => {
      target.side.files.publish(files);
      onWritten?.();
    };
    const failed = this.#attempt(target, publish);
    if (failed !== null && isGone(failed)) {
      this.#attempt(target, () => {
        target.side.reopen();
        publish();
      });
    }
  }

  #attempt(target: Target, write: () => void): unknown {
    try {
      write();
      target.warned = noWarnings;
      return null;
    } catch (error) {
      const message =
        error instanceof SystemError || error instanceof NotAFifoError ? error.message : internalError(error);
      if (!target.warned.has(message)) this.#say.warning(message);
      target.warned = new Set([...target.warned, message]);
      this.#retry = this.#now() + retryPause;
      return error;
    }
  }
}

interface Target {
  readonly side: Published;
  /** The warnings since the files could last be written. */
  warned: ReadonlySet<string>;
  wasSatisfied: boolean;
  /** The slot as it was published last. */
  published: Slot | null;
  /** Whether all files tell of it. */
  isWhole: boolean;
}

const noWarnings: ReadonlySet<string> = new Set();

function openTarget(side: Published): Target {
  return { side, warned: noWarnings, wasSatisfied: false, published: null, isWhole: false };
}
