import { errno, SystemError } from "@upkeep/linux/core/errno";

import { noPause, planPause } from "../core/pause.ts";

/** Bytes on their way: from `at` up to `to` they have still to be written. */
export interface Parcel {
  bytes: Buffer;
  at: number;
  to: number;
}

/** Writes bytes, and does steps, in the order it was asked for. What fails waits and is tried again. */
export interface Outlet<Step> {
  /** Writes the bytes or, in a pause, copies them. */
  write(bytes: Buffer, from: number, to: number): void;
  /** Does steps after all that waits. */
  follow(steps: readonly Step[]): void;
  /** Leads elsewhere from now on; what waits goes there as well. `instead` replaces the steps that come next. */
  leadTo(destination: Destination<Step>, instead?: readonly Step[]): void;
  /** How many bytes wait. */
  backlog(): number;
  /** Whether something waits for its next try. */
  isPausing(): boolean;
  /** Tries what waits at once. */
  retry(): void;
  /** Resolves when nothing waits. With `isUrgent` it resolves at once, and so does an earlier call. */
  drained(isUrgent: boolean): Promise<void>;
  /** Tries for the last time, and forgets what fails again; null: nothing did. */
  settle(): Loss | null;
}

/**
 * Where an outlet leads. Both calls return the steps that have to come before anything else. What throws a
 * SystemError is tried again, and goes on where it failed.
 */
export interface Destination<Step> {
  /** Writes some of a parcel and moves its `at`. */
  put(parcel: Parcel): readonly Step[];
  perform(step: Step): readonly Step[];
}

export interface OutletPorts {
  /** Tells of a try that has failed. */
  readonly say: (message: string) => void;
  /** A further try is about to be made. */
  readonly onRetry?: () => void;
  /** All has been done after a pause. */
  readonly onDone: () => void;
}

/** Bytes that were given up, and why. */
export interface Loss {
  readonly error: SystemError;
  readonly bytes: number;
}

export function createOutlet<Step>({ say, onRetry, onDone }: OutletPorts): Outlet<Step> {
  const queue: Item<Step>[] = [];
  let destination: Destination<Step> | null = null;
  let onDrained = (): void => {};

  const run = (): void => {
    const wasPausing = pausing.end();
    if (wasPausing) onRetry?.();
    const error = workOff(queue, destination);
    if (error !== null) return pausing.begin(error);
    pausing.reset();
    if (!wasPausing) return;
    onDrained();
    onDone();
  };
  const pausing = createPausing(say, run);
  const { isPausing } = pausing;

  return {
    write: (bytes, from, to) => {
      if (isPausing()) return keep(queue, bytes, from, to);
      const parcel: Parcel = { bytes, at: from, to };
      queue.push(parcel);
      run();
      if (!isPausing()) return;
      // The caller uses the buffer again.
      queue.pop();
      if (parcel.at < to) keep(queue, bytes, parcel.at, to);
    },
    follow: (steps) => {
      queue.push(...asItems(steps));
      if (!isPausing()) run();
    },
    leadTo: (next, instead) => {
      destination = next;
      if (instead !== undefined) replaceSteps(queue, instead);
    },
    backlog: () => sizeOf(queue),
    isPausing,
    retry: () => {
      if (isPausing()) run();
    },
    drained: async (isUrgent) => {
      onDrained();
      if (isUrgent || !isPausing()) return;
      await new Promise<void>((resolve) => {
        onDrained = resolve;
      });
    },
    settle: () => {
      pausing.end();
      const error = workOff(queue, destination);
      const bytes = sizeOf(queue);
      queue.length = 0;
      return error === null ? null : { error, bytes };
    },
  };
}

/** The pauses between tries. */
interface Pausing {
  isPausing(): boolean;
  /** Begins the pause that follows this error; at its end the next try is made. */
  begin(error: SystemError): void;
  /** Returns whether there was a pause to end. */
  end(): boolean;
  /** A try has succeeded. */
  reset(): void;
}

function createPausing(say: (message: string) => void, onTry: () => void): Pausing {
  let timer: NodeJS.Timeout | null = null;
  let pause = noPause;
  return {
    isPausing: () => timer !== null,
    begin: (error) => {
      const plan = planPause(pause, error.errno === errno.EAGAIN);
      ({ pause } = plan);
      if (plan.isReported) say(error.message);
      timer = setTimeout(onTry, plan.delay);
    },
    end: () => {
      if (timer === null) return false;
      clearTimeout(timer);
      timer = null;
      return true;
    },
    reset: () => {
      pause = noPause;
    },
  };
}

/** What an outlet has to do, in its order. */
type Item<Step> = Parcel | { readonly step: Step };

/** Does what is in the queue; returns what is in the way of the first item, or null when all has been done. */
function workOff<Step>(queue: Item<Step>[], destination: Destination<Step> | null): SystemError | null {
  if (destination === null) throw new Error("internal error: nothing is open to write to");
  try {
    for (let item = queue[0]; item !== undefined; item = queue[0]) {
      if ("step" in item) queue.splice(0, 1, ...asItems(destination.perform(item.step)));
      else if (item.at >= item.to) queue.shift();
      else queue.unshift(...asItems(destination.put(item)));
    }
    return null;
  } catch (error) {
    if (error instanceof SystemError) return error;
    throw error;
  }
}

/** Puts steps in the place of those that come before any bytes. */
function replaceSteps<Step>(queue: Item<Step>[], steps: readonly Step[]): void {
  const parcel = queue.findIndex((item) => "at" in item);
  queue.splice(0, parcel === -1 ? queue.length : parcel, ...asItems(steps));
}

/** Pieces that wait are put together to at least this many bytes. */
const parcelSize = 64 * 1024;

/** Copies bytes to the end of the queue. */
function keep<Step>(queue: Item<Step>[], bytes: Buffer, from: number, to: number): void {
  const last = queue.at(-1);
  if (last !== undefined && "at" in last && last.bytes.length - last.to >= to - from) {
    last.to += bytes.copy(last.bytes, last.to, from, to);
    return;
  }
  const copy = Buffer.allocUnsafeSlow(Math.max(to - from, parcelSize));
  queue.push({ bytes: copy, at: 0, to: bytes.copy(copy, 0, from, to) });
}

/** How many bytes wait. */
function sizeOf<Step>(queue: readonly Item<Step>[]): number {
  return queue.reduce((sum, item) => sum + ("at" in item ? item.to - item.at : 0), 0);
}

function asItems<Step>(steps: readonly Step[]): readonly Item<Step>[] {
  return steps.map((step) => ({ step }));
}

/** Says what was lost. */
export function lossText({ error, bytes }: Loss): string {
  return `${error.message}, ${bytes} bytes lost`;
}
