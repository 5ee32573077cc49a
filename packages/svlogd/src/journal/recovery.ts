import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { type DirectoryRecord, type InputRecord, type Journal, nextBatch } from "./journal.ts";

/** A log as it is found. */
export interface FoundLog {
  readonly name: string;
  readonly inode: number;
  readonly size: number;
}

/** What is found of a log directory; null: no such file. */
export interface FoundLogs {
  readonly current: FoundLog | null;
  /** The last of the old logs. */
  readonly newest: FoundLog | null;
}

/** What a directory has got of the batch that its logger was killed with. */
export type Recovered =
  /** Somebody else may have logged since: what is left must not come behind that. */
  | { readonly kind: "stale" }
  /** All of it, or it cannot be told how much. */
  | { readonly kind: "complete" }
  /** The first `done` bytes; the last of them are in `log`, from `base` on. */
  | { readonly kind: "part"; readonly log: FoundLog; readonly base: number; readonly done: number };

/**
 * Finds out how far a directory has come, from its record and its logs.
 *
 * The log that was written to has since been renamed if the logger was killed while it rotated, or when its
 * successor was, before it had begun a new log. It is the last one in any case, or else others have logged.
 *
 * @param look that of lines now.
 */
export function planDirectory(
  input: InputRecord,
  record: DirectoryRecord | null,
  { current, newest }: FoundLogs,
  look: number,
): Recovered {
  if (record === null || record.batch < input.batch || record.batch > nextBatch(input)) return { kind: "stale" };
  const isCurrent = current?.inode === record.log;
  if (!isCurrent && current !== null && current.size > 0) return { kind: "stale" };
  const log = isCurrent ? current : newest;
  if (log?.inode !== record.log || log.size < record.base) return { kind: "stale" };
  const written = log.size - record.base;
  const isOver = record.batch > input.batch;
  if (isOver || !input.isReceived) return { kind: written > 0 ? "stale" : "complete" };
  const done = record.done + written;
  if (done > 0 && record.look !== look) return { kind: "complete" };
  return { kind: "part", log, base: record.base, done };
}

/** How much is left of bytes of which the last may be the start of a line: all up to the last newline. */
export function wholeLines(bytes: Uint8Array): number {
  return bytes.lastIndexOf(10) + 1;
}

/**
 * Notices what a killed logger had read and not yet noticed itself: whatever is not zero behind what
 * waited. It arrived before `now`, which is when its lines count as having begun.
 */
export function noticeUnnoticed(journal: Journal, chunk: number, now: WallTime): void {
  const input = journal.input();
  if (input.isReceived) return;
  const room = journal.buffers[input.buffer].subarray(input.waiting, input.waiting + chunk);
  const count = room.findLastIndex((byte) => byte !== 0) + 1;
  if (count > 0) journal.setInput({ ...input, isReceived: true, count, time: now });
}

/** Keeps back what is in the log already. */
export interface Skipping {
  /** Returns from where on the bytes, which follow those of the call before, have to be written. */
  pass(from: number, to: number, bytes: Uint8Array): number;
}

/**
 * Skips the first `done` bytes. The last of them must be those that are in the log, `tail`: if they are
 * not, somebody else has written there, and nothing more is let through.
 */
export function createSkipping(done: number, tail: Uint8Array): Skipping {
  let at = 0;
  let isStrange = false;
  const tailAt = done - tail.length;
  return {
    pass: (from, to, bytes) => {
      if (isStrange) return to;
      const end = Math.min(to, from + done - at);
      const start = Math.max(from, from + tailAt - at);
      for (let index = start; index < end && !isStrange; index++) {
        isStrange = bytes[index] !== tail[at + index - from - tailAt];
      }
      at += end - from;
      return isStrange ? to : end;
    },
  };
}

/** A sum over a value that tells it from others, but for one case in 2^45: its text read as a number, less multiples of a prime. */
export function sumOf(value: unknown): number {
  return Buffer.from(JSON.stringify(value)).reduce((sum, byte) => (sum * 257 + byte) % (2 ** 45 - 55), 0);
}
