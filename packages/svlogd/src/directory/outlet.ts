import type { SystemError } from "@upkeep/linux/core/errno";

import { createPausing, type PauseHooks } from "./pausing.ts";

/** Bytes on their way: from `at` up to `to` they have still to be written. */
export interface Parcel {
  bytes: Buffer;
  at: number;
  to: number;
}

/** Bytes that were given up, and why. */
export interface Loss {
  readonly error: SystemError;
  readonly bytes: number;
}

/** Writes bytes, and does other work, in the order it was asked for; what cannot be done waits and is tried again. */
export interface Outlet {
  /** The bytes are taken over: written, or copied. */
  write(bytes: Buffer, from: number, to: number): void;
  /** Does steps after what waits; each is tried until it throws nothing. */
  follow(steps: readonly (() => void)[]): void;
  /** Does steps before anything that waits. */
  precede(steps: readonly (() => void)[]): void;
  /** Does these in the place of what {@link precede} has asked for. */
  replaceSteps(steps: readonly (() => void)[]): void;
  /** How many bytes wait. */
  backlog(): number;
  isPausing(): boolean;
  /** Ends a pause. */
  retry(): void;
  /** Tries for the last time, and forgets what still cannot be done; null: nothing. */
  settle(): Loss | null;
}

/** Pieces that wait are put together to at least this many bytes. */
const parcelSize = 64 * 1024;

/** @param put writes some of a parcel and moves its `at`; it may ask for steps to precede the rest. */
export function createOutlet(put: (parcel: Parcel) => void, hooks: PauseHooks): Outlet {
  const steps: (() => void)[] = [];
  const parcels: (Parcel | (() => void))[] = [];

  const attempt = (): void => {
    for (;;) {
      for (let step = steps[0]; step !== undefined; step = steps[0]) {
        step();
        steps.shift();
      }
      const next = parcels[0];
      if (next === undefined) return;
      if (typeof next === "function") {
        next();
        parcels.shift();
      } else if (next.at >= next.to) {
        parcels.shift();
      } else {
        put(next);
      }
    }
  };
  const pausing = createPausing(attempt, hooks);

  const backlog = (): number =>
    parcels.reduce((sum, item) => sum + (typeof item === "function" ? 0 : item.to - item.at), 0);

  /** Copies bytes to the end of what waits. */
  const keep = (bytes: Buffer, from: number, to: number): void => {
    const last = parcels.at(-1);
    if (last !== undefined && typeof last !== "function" && last.bytes.length - last.to >= to - from) {
      last.to += bytes.copy(last.bytes, last.to, from, to);
      return;
    }
    const copy = Buffer.allocUnsafeSlow(Math.max(to - from, parcelSize));
    parcels.push({ bytes: copy, at: 0, to: bytes.copy(copy, 0, from, to) });
  };

  return {
    write: (bytes, from, to) => {
      if (pausing.isPausing()) return keep(bytes, from, to);
      const parcel: Parcel = { bytes, at: from, to };
      parcels.push(parcel);
      pausing.work();
      if (parcel.at === to) return;
      parcels.pop();
      keep(bytes, parcel.at, to);
    },
    follow: (added) => {
      parcels.push(...added);
      pausing.work();
    },
    precede: (added) => {
      steps.push(...added);
    },
    replaceSteps: (added) => {
      steps.splice(0, steps.length, ...added);
    },
    backlog,
    isPausing: pausing.isPausing,
    retry: () => {
      if (pausing.isPausing()) pausing.workNow();
    },
    settle: () => {
      const error = pausing.settle();
      if (error === null) return null;
      const bytes = backlog();
      steps.length = 0;
      parcels.length = 0;
      return { error, bytes };
    },
  };
}
