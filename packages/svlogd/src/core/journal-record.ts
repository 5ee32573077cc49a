import type { WallTime } from "@upkeep/supervise/core/tai64n";

/** How far the input has been taken. A batch is what one read has brought. */
export interface InputRecord {
  /** Number of the batch that has been received, or is next. */
  readonly batch: number;
  /**
   * Whether it has been received and is being dealt with. If not, the buffer holds zeros behind what waits, or what
   * was read and not yet noticed.
   */
  readonly isReceived: boolean;
  /** In which buffer. */
  readonly buffer: 0 | 1;
  /** How much of a line that has not ended is at the start of the buffer, and since when. */
  readonly waiting: number;
  readonly since: WallTime;
  readonly isInLongLine: boolean;
  readonly column: number;
  /** How much came behind it, and when. */
  readonly count: number;
  readonly time: WallTime;
}

/** How much of a batch has been written to a log directory. */
export interface DirectoryRecord {
  /** Which directory. */
  readonly device: number;
  readonly directory: number;
  /** Sum over what the bytes before each line depend on, and which lines are logged. */
  readonly format: number;
  /** 0: what was to be written is not known. */
  readonly batch: number;
  /** Inode of the log that it is written to. */
  readonly log: number;
  /** How many bytes that log had before. */
  readonly base: number;
  /** How many of the batch went to earlier logs. */
  readonly done: number;
  /** Whether the rest of a long line, at the start of the batch, belongs into the log. */
  readonly isInLoggedLine: boolean;
}

/** The number of the batch that comes next. */
export function nextBatch({ batch, isReceived }: InputRecord): number {
  return isReceived ? batch + 1 : batch;
}

export const noTime: WallTime = { seconds: 0, nanoseconds: 0 };

/** Before anything has been read. */
export const emptyInput: InputRecord = unpackInput([]);

/** A record that is free. */
export const noDirectory: DirectoryRecord = unpackDirectory([]);

/** The numbers that a record is stored as. */
export function packInput(record: InputRecord): readonly number[] {
  const { batch, isReceived, buffer, waiting, since, isInLongLine, column, count, time } = record;
  const { seconds, nanoseconds } = time;
  const flags = (isReceived ? 1 : 0) + (isInLongLine ? 2 : 0);
  return [batch, flags, buffer, waiting, since.seconds, since.nanoseconds, column, count, seconds, nanoseconds];
}

/** The record in these numbers; where nothing was ever stored, all of them are 0. */
export function unpackInput(record: readonly number[]): InputRecord {
  const [batch = 0, flags = 0, buffer, waiting = 0, sinceSeconds = 0, sinceNanoseconds = 0] = record;
  const [column = 0, count = 0, seconds = 0, nanoseconds = 0] = record.slice(6);
  return {
    batch: Math.max(batch, 1),
    isReceived: (flags & 1) !== 0,
    buffer: buffer === 1 ? 1 : 0,
    waiting,
    since: { seconds: sinceSeconds, nanoseconds: sinceNanoseconds },
    isInLongLine: (flags & 2) !== 0,
    column,
    count,
    time: { seconds, nanoseconds },
  };
}

export function packDirectory(record: DirectoryRecord): readonly number[] {
  const { device, directory, format, batch, log, base, done, isInLoggedLine } = record;
  return [device, directory, format, batch, log, base, done, isInLoggedLine ? 1 : 0];
}

export function unpackDirectory(record: readonly number[]): DirectoryRecord {
  const [device = 0, directory = 0, format = 0, batch = 0, log = 0, base = 0, done = 0, flags = 0] = record;
  return { device, directory, format, batch, log, base, done, isInLoggedLine: flags === 1 };
}
