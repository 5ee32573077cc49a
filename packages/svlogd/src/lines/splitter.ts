import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { type InputRecord, noTime } from "../core/journal-record.ts";
import { createPlainJournal, type Journal } from "../journal/journal.ts";
import { replaceBytes } from "./replace.ts";

/** When lines began to arrive: the first of them, and the others, which came together. */
export interface Times {
  readonly first: WallTime;
  readonly rest: WallTime;
}

/** Takes lines as they arrive. The bytes are valid during the call only. */
export interface LineReceiver {
  /** Whole lines, of which the last byte is a newline. */
  lines(bytes: Buffer, from: number, to: number, times: Times): void;
  /** The start of a line that is longer than what is inspected, and has not come to its end. */
  longLine(bytes: Buffer, from: number, to: number, time: WallTime): void;
  /** More of it. With `isEnd` the last byte is the newline. */
  more(bytes: Buffer, from: number, to: number, isEnd: boolean): void;
}

/** Finds the lines in input. */
export interface Splitter {
  /** Where to put what is read next. */
  space(): Uint8Array;
  /** Hands on the lines in the `count` bytes that have been put there. */
  received(count: number, time: WallTime): void;
  /** What has been handed on has been dealt with, and is not kept any longer. */
  settle(): void;
  /** Whether the input so far ends in the middle of a line. */
  isMidLine(): boolean;
  /** The input ends here: a line without a newline gets one. */
  end(): void;
}

const newline = 10;

export interface SplitterSettings {
  /** How much of a line is inspected. */
  readonly lineLength: number;
  /** What to replace, see `replacementTable`. */
  readonly table: Uint8Array | null;
  /** How much is read at a time. */
  readonly chunk: number;
  /** Where it keeps what it has; it begins with what is there. */
  readonly journal?: Journal;
}

/** How large the buffers of the splitter have to be. */
export function splitterBufferSize({ lineLength, chunk }: Pick<SplitterSettings, "lineLength" | "chunk">): number {
  return lineLength + chunk + 1;
}

/** How far the input has been split. */
type Position = Omit<InputRecord, "batch" | "isReceived" | "count" | "time">;

/**
 * Splits input into lines. Each piece is handed on without being copied, except for the start of a line at the end of
 * a piece, which waits for its rest. It waits until it has `lineLength` bytes at most, so the memory needed does not
 * depend on the input.
 *
 * It works in place, see `journal.ts`. There are two buffers, used in turns: what a killed logger was about to hand on must still be as it was. The journal
 * says how far it was. Replacing bytes twice changes nothing more.
 */
export function createSplitter(receiver: LineReceiver, settings: SplitterSettings): Splitter {
  const { lineLength, table, chunk, journal = createPlainJournal(splitterBufferSize(settings)) } = settings;
  const turnTo = createTurns(journal);
  let { buffer, waiting, since, isInLongLine, column } = journal.input();
  const position = (): Position => ({ buffer, waiting, since, isInLongLine, column });

  /** Hands on bytes that have no newline yet, or keeps them as the start of a line. */
  const takeRest = (bytes: Buffer, from: number, end: number, time: WallTime): void => {
    const begun = from === 0 && waiting > 0 ? since : time;
    waiting = 0;
    if (isInLongLine) {
      if (from < end) receiver.more(bytes, from, end, false);
    } else if (end - from >= lineLength) {
      isInLongLine = true;
      receiver.longLine(bytes, from, end, begun);
    } else {
      waiting = end - from;
      since = begun;
    }
    buffer = turnTo(buffer, end, waiting);
  };

  const received = (count: number, time: WallTime): void => {
    const { batch } = journal.input();
    journal.setInput({ ...position(), batch, isReceived: true, count, time });
    const bytes = journal.buffers[buffer];
    const end = waiting + count;
    if (table !== null) column = replaceBytes(bytes, waiting, end, { table, length: lineLength, column });
    let done = 0;
    if (isInLongLine) {
      done = lineEnd(bytes, end);
      if (done > 0) receiver.more(bytes, 0, done, true);
      isInLongLine = done === 0;
    }
    const last = end === 0 ? 0 : bytes.lastIndexOf(newline, end - 1) + 1;
    if (last > done) receiver.lines(bytes, done, last, { first: waiting > 0 ? since : time, rest: time });
    takeRest(bytes, Math.max(last, done), end, time);
  };

  return {
    space: () => journal.buffers[buffer].subarray(waiting, waiting + chunk),
    received,
    settle: () => {
      const { batch, isReceived } = journal.input();
      if (isReceived) journal.setInput({ ...position(), batch: batch + 1, isReceived: false, count: 0, time: noTime });
    },
    isMidLine: () => waiting > 0 || isInLongLine,
    end: () => {
      if (waiting === 0 && !isInLongLine) return;
      journal.buffers[buffer][waiting] = newline;
      received(1, since);
    },
  };
}

/** Where the next line starts, behind the newline before `end`; 0: there is no newline. */
function lineEnd(bytes: Buffer, end: number): number {
  const found = bytes.indexOf(newline) + 1;
  return found > end ? 0 : found;
}

/** Goes on with the other buffer, at whose start it puts the last `kept` of the `end` bytes in this one. */
function createTurns(journal: Journal): (buffer: 0 | 1, end: number, kept: number) => 0 | 1 {
  /** How far the buffers are not zero. */
  const used: [number, number] = [journal.buffers[0].length, journal.buffers[1].length];
  return (buffer, end, kept) => {
    used[buffer] = end;
    const other = buffer === 0 ? 1 : 0;
    const next = journal.buffers[other];
    journal.buffers[buffer].copy(next, 0, end - kept, end);
    // A successor sees by the zeros how much was read.
    if (used[other] > kept) next.fill(0, kept, used[other]);
    return other;
  };
}
