import { SystemError } from "@upkeep/linux/core/errno";

/** What the output needs. */
export interface LinePorts {
  /** Writes as much as there is room for; returns how many bytes, -1 for no room. Throws SystemError. */
  readonly write: (bytes: Uint8Array) => number;
  readonly warn: (message: string) => void;
  /** Runs an action so many ms later. */
  readonly later: (action: () => void, millis: number) => void;
  /** Blocks for so many ms. */
  readonly pause: (millis: number) => void;
  /** A line that there is no room for is lost, rather than kept. */
  readonly isLossy: boolean;
}

/** Output that never blocks. A line that cannot be written is lost, and that is told. */
export interface LineOutput {
  /** Whether a line can come. False: the last one has not been written yet. */
  hasRoom(): boolean;
  write(line: Uint8Array): void;
  /** From now on, lines wait for room for a second in all, in {@link LineOutput.hasRoom}, and then are lost. */
  hurry(): void;
  /** Says what was lost since the last message. */
  end(): void;
}

/** Milliseconds between two messages about what is lost. */
const reportEvery = 3000;
/** How long the end waits for room in all, and between two tries, in ms. */
const patienceAtEnd = 1000;
const pauseAtEnd = 10;

/** Loses whole lines only: a line that was written in part is completed before the next one. */
export function createLineOutput({ write, warn, later, pause, isLossy }: LinePorts): LineOutput {
  /** What is left of a line that is being written. */
  let rest: Uint8Array | null = null;
  /** Whether the last try found too little room. Otherwise it failed, or wrote all. */
  let isFull = false;
  /** How long to wait for room, in ms. */
  let patience = isLossy ? 0 : Infinity;
  const losses = createLosses(warn);
  let isTimed = false;

  const put = (bytes: Uint8Array): number => {
    try {
      const count = write(bytes);
      isFull = count < bytes.length;
      if (isFull) losses.reason = "temporary failure";
      return Math.max(count, 0);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      isFull = false;
      losses.reason = error.message.slice(error.message.lastIndexOf(": ") + 2);
      return 0;
    }
  };

  const completeRest = (): boolean => {
    if (rest !== null) rest = restOf(rest, put(rest));
    return rest === null;
  };

  const schedule = (): void => {
    if (isTimed) return;
    isTimed = true;
    later(() => {
      isTimed = false;
      if (!losses.report(completeRest())) schedule();
    }, reportEvery);
  };

  const hasRoom = (): boolean => {
    while (!completeRest() && isFull && patience > 0) {
      if (patience === Infinity) return false;
      pause(pauseAtEnd);
      patience -= pauseAtEnd;
    }
    return true;
  };

  const hurry = (): void => {
    patience = Math.min(patience, patienceAtEnd);
  };
  return {
    hasRoom,
    write: (line) => {
      const count = completeRest() ? put(line) : 0;
      if (count > 0 || (rest === null && isFull && patience > 0)) rest = restOf(line, count);
      else losses.add();
      if (count < line.length) schedule();
    },
    hurry,
    end: () => {
      hurry();
      hasRoom();
      if (rest !== null) losses.add();
      losses.end();
    },
  };
}

/** Counts lost lines, and tells of them at intervals. */
interface Losses {
  /** Why the last try wrote nothing. */
  reason: string;
  add(): void;
  /** @param isWriting there is room again. @returns whether there is nothing more to tell. */
  report(isWriting: boolean): boolean;
  end(): void;
}

function createLosses(warn: (message: string) => void): Losses {
  /** Since there last was room. */
  let lost = 0;
  let lostBefore = 0;
  return {
    reason: "",
    add: () => void lost++,
    report(isWriting) {
      const isOver = isWriting && lost === lostBefore;
      if (lost > 0 && isOver) warn(`writing again, ${messagesLost(lost)}`);
      else if (lost > 0) warn(`unable to write to standard output: ${this.reason}, ${messagesLost(lost)} so far`);
      if (isOver) lost = 0;
      lostBefore = lost;
      return isOver;
    },
    end: () => {
      if (lost > 0) warn(messagesLost(lost));
    },
  };
}

/** What is left when so many bytes have been written, in memory of its own; null: nothing. */
function restOf(bytes: Uint8Array, count: number): Uint8Array | null {
  return count < bytes.length ? bytes.slice(count) : null;
}

function messagesLost(count: number): string {
  return count === 1 ? "1 message lost" : `${count} messages lost`;
}
