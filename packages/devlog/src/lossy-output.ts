import { SystemError } from "@upkeep/linux/core/errno";

/** What the output needs. */
export interface LossyPorts {
  /** Writes as much as there is room for; returns how many bytes, -1 for no room. Throws SystemError. */
  readonly write: (bytes: Uint8Array) => number;
  readonly warn: (message: string) => void;
  /** Runs an action so many ms later. */
  readonly later: (action: () => void, millis: number) => void;
}

/** Output that never waits: a line that there is no room for is lost. */
export interface LossyOutput {
  write(line: Uint8Array): void;
  /** Says what was lost since the last message. */
  end(): void;
}

/** Milliseconds between two messages about what is lost. */
const reportEvery = 3000;

/** Loses whole lines only: a line that was written in part is completed before the next one. */
export function createLossyOutput({ write, warn, later }: LossyPorts): LossyOutput {
  /** What is left of a line that was written in part. */
  let rest: Uint8Array | null = null;
  /** Since there last was room. */
  let lost = 0;
  let lostBefore = 0;
  let reason = "";
  let isTimed = false;

  const put = (bytes: Uint8Array): number => {
    try {
      const count = write(bytes);
      if (count === -1) reason = "temporary failure";
      return Math.max(count, 0);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      reason = error.message.slice(error.message.lastIndexOf(": ") + 2);
      return 0;
    }
  };

  const completeRest = (): boolean => {
    if (rest !== null) rest = restOf(rest, put(rest));
    return rest === null;
  };

  const report = (): void => {
    isTimed = false;
    const isOver = completeRest() && lost === lostBefore;
    if (lost > 0 && isOver) warn(`writing again, ${messagesLost(lost)}`);
    else if (lost > 0) warn(`unable to write to standard output: ${reason}, ${messagesLost(lost)} so far`);
    if (isOver) lost = 0;
    lostBefore = lost;
    if (!isOver) schedule();
  };

  const schedule = (): void => {
    if (isTimed) return;
    isTimed = true;
    later(report, reportEvery);
  };

  return {
    write: (line) => {
      const count = completeRest() ? put(line) : 0;
      if (count > 0) rest = restOf(line, count);
      else lost++;
      if (count < line.length) schedule();
    },
    end: () => {
      completeRest();
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
