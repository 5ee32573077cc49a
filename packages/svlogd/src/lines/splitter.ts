import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { createPlainJournal, type Journal, noTime } from "../journal/journal.ts";
import { replaceBytes } from "./line.ts";

/** When lines began to arrive: the first of them, and the rest, which came together. */
export interface Times {
  readonly first: WallTime;
  readonly rest: WallTime;
}

/** Takes lines as they arrive. The bytes are valid during the call only. */
export interface LineReceiver {
  /** Whole lines, of which the last byte is a newline. */
  lines(bytes: Buffer, from: number, to: number, times: Times): void;
  /** The start of a line that is longer than is looked at, and has not come to its end. */
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
  /** What has been handed on has been dealt with, and need not be kept any longer. */
  settle(): void;
  /** Whether the input so far ends in the middle of a line. */
  isMidLine(): boolean;
  /** The input ends here: a line without a newline gets one. */
  end(): void;
}

const newline = 10;

/** What the splitter is to know. */
export interface SplitterSettings {
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

/**
 * Splits input into lines. Each piece is handed on without being copied, except for the start of a
 * line at the end of a piece, which waits for its rest; but no longer than it is looked at, so that
 * the memory needed does not depend on the input.
 *
 * There are two buffers, taken in turns: what a killed logger was about to hand on must still be as it
 * was. The journal says how far it was; replacing twice changes nothing more.
 */
export function createSplitter(receiver: LineReceiver, settings: SplitterSettings): Splitter {
  const { lineLength, table, chunk, journal = createPlainJournal(splitterBufferSize(settings)) } = settings;
  const found = journal.input();
  let { buffer: turn, isInLongLine, column } = found;
  /** How much of a line is waiting at the start of the buffer, and since when. */
  let { waiting, since: waitingSince } = found;
  let buffer = journal.buffers[turn];
  /** How far the buffers are not zero. */
  const used: [number, number] = [buffer.length, buffer.length];

  /** The end of a long line, if it is there; returns where the next one starts. */
  const finishLongLine = (end: number): number => {
    const first = buffer.indexOf(newline) + 1;
    if (first === 0 || first > end) return 0;
    receiver.more(buffer, 0, first, true);
    isInLongLine = false;
    return first;
  };

  /** Goes on with the other buffer; `kept` bytes from `from` on wait there. */
  const takeTurns = (from: number, kept: number): void => {
    turn = turn === 0 ? 1 : 0;
    const next = journal.buffers[turn];
    buffer.copy(next, 0, from, from + kept);
    // A successor sees by this how much was read.
    if (used[turn] > kept) next.fill(0, kept, used[turn]);
    buffer = next;
    waiting = kept;
  };

  /** What has no newline yet. */
  const keepRest = (from: number, end: number, time: WallTime): void => {
    const since = from === 0 && waiting > 0 ? waitingSince : time;
    let kept = 0;
    if (isInLongLine) {
      if (from < end) receiver.more(buffer, from, end, false);
    } else if (end - from >= lineLength) {
      isInLongLine = true;
      receiver.longLine(buffer, from, end, since);
    } else {
      kept = end - from;
      waitingSince = since;
    }
    takeTurns(from, kept);
  };

  const received = (count: number, time: WallTime): void => {
    const { batch } = journal.input();
    const start = { batch, buffer: turn, waiting, since: waitingSince, isInLongLine, column };
    journal.setInput({ ...start, isReceived: true, count, time });
    const end = waiting + count;
    used[turn] = end;
    if (table !== null) column = replaceBytes(buffer, waiting, end, { table, length: lineLength, column });
    const done = isInLongLine ? finishLongLine(end) : 0;
    const last = end === 0 ? 0 : buffer.lastIndexOf(newline, end - 1) + 1;
    if (last > done) receiver.lines(buffer, done, last, { first: waiting > 0 ? waitingSince : time, rest: time });
    keepRest(Math.max(last, done), end, time);
  };

  return {
    space: () => buffer.subarray(waiting, waiting + chunk),
    received,
    settle: () => {
      const { batch, isReceived } = journal.input();
      if (!isReceived) return;
      const start = { buffer: turn, waiting, since: waitingSince, isInLongLine, column };
      journal.setInput({ ...start, batch: batch + 1, isReceived: false, count: 0, time: noTime });
    },
    isMidLine: () => waiting > 0 || isInLongLine,
    end: () => {
      if (waiting === 0 && !isInLongLine) return;
      buffer[waiting] = newline;
      received(1, waitingSince);
    },
  };
}
