import type { WallTime } from "@upkeep/supervise/core/tai64n";

/*
 * What a logger leaves to its successor when it is killed: memory that outlives it, in which each store is
 * final and the order of stores is kept, so that keeping it costs no system call.
 *
 *     0     text: version, boot, and what the lines' bytes depend on
 *     1024  a selector for each record
 *     1088  records: that of the input, then one for each directory; two copies of each
 *     4096  two buffers
 *
 * A record is written to the copy that is not selected, and one store selects it: it is never half written.
 */

/** How far the input has been taken. A batch is what one read has brought. */
export interface InputRecord {
  /** Number of the batch that has been received, or will be next. */
  readonly batch: number;
  /** It has been received, and is being dealt with. If not, behind what waits there are zeros, or what was read and not yet noticed. */
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
  /** Sum over what the look of lines depends on. */
  readonly look: number;
  /** 0: what was to be written is not known. */
  readonly batch: number;
  /** Inode of the log that it is written to. */
  readonly log: number;
  /** How many bytes that log had before. */
  readonly base: number;
  /** How many of the batch went to earlier logs. */
  readonly done: number;
  /** Whether at the start of the batch the rest of a long line belonged into the log. */
  readonly isInLoggedLine: boolean;
}

/** A journal in memory, which may be the successor's one day. */
export interface Journal {
  /** Where input is read to. */
  readonly buffers: readonly [Buffer, Buffer];
  input(): InputRecord;
  setInput(record: InputRecord): void;
  directory(number: number): DirectoryRecord;
  setDirectory(number: number, record: DirectoryRecord): void;
}

/** How many directories there is room for. */
export const mostDirectories = 8;

const textSize = 1024;
const selectorsSize = 64;
const fields = 16;
const buffersAt = 4096;

/** How large the memory of a journal is, with buffers of that size. */
export function journalSize(bufferSize: number): number {
  return buffersAt + 2 * bufferSize;
}

/** What the head of a journal says: zeros behind it. */
export function journalText(text: string): Uint8Array {
  const bytes = Buffer.alloc(textSize);
  bytes.write(text, "latin1");
  return bytes;
}

export function hasText(memory: ArrayBuffer, text: string): boolean {
  return Buffer.from(memory, 0, textSize).equals(journalText(text));
}

/** The number of the batch that comes next. */
export function nextBatch({ batch, isReceived }: InputRecord): number {
  return isReceived ? batch + 1 : batch;
}

export const noTime: WallTime = { seconds: 0, nanoseconds: 0 };

/** Before anything has been read. */
export const emptyInput: InputRecord = {
  batch: 1,
  isReceived: false,
  buffer: 0,
  waiting: 0,
  since: noTime,
  isInLongLine: false,
  column: 0,
  count: 0,
  time: noTime,
};

/** A record that is free. */
export const noDirectory: DirectoryRecord = {
  device: 0,
  directory: 0,
  look: 0,
  batch: 0,
  log: 0,
  base: 0,
  done: 0,
  isInLoggedLine: false,
};

/** The journal in this memory; if that is all zeros, an empty one. */
export function createJournal(memory: ArrayBuffer): Journal {
  const bufferSize = (memory.byteLength - buffersAt) / 2;
  const selectors = new Int32Array(memory, textSize, selectorsSize / 4);
  const values = new Float64Array(memory, textSize + selectorsSize, 2 * fields * (mostDirectories + 1));

  const read = (number: number): readonly number[] => {
    const at = fields * (2 * number + (Atomics.load(selectors, number) & 1));
    return [...values.subarray(at, at + fields)];
  };
  const write = (number: number, record: readonly number[]): void => {
    const copy = 1 - (Atomics.load(selectors, number) & 1);
    const at = fields * (2 * number + copy);
    for (let index = 0; index < record.length; index++) values[at + index] = record[index] ?? 0;
    // The compiler must not move this before the stores above.
    Atomics.store(selectors, number, copy);
  };

  let input = unpackInput(read(0)) ?? emptyInput;
  return {
    buffers: [Buffer.from(memory, buffersAt, bufferSize), Buffer.from(memory, buffersAt + bufferSize, bufferSize)],
    input: () => input,
    setInput: (record) => {
      input = record;
      write(0, packInput(record));
    },
    directory: (number) => unpackDirectory(read(number + 1)),
    setDirectory: (number, record) => write(number + 1, packDirectory(record)),
  };
}

/** A journal that ends with the process. */
export function createPlainJournal(bufferSize: number): Journal {
  return createJournal(new ArrayBuffer(journalSize(bufferSize)));
}

function packInput(record: InputRecord): readonly number[] {
  const { batch, isReceived, buffer, waiting, since, isInLongLine, column, count, time } = record;
  const { seconds, nanoseconds } = time;
  const flags = (isReceived ? 1 : 0) + (isInLongLine ? 2 : 0);
  return [batch, flags, buffer, waiting, since.seconds, since.nanoseconds, column, count, seconds, nanoseconds];
}

/** Null where nothing was ever written. */
function unpackInput(record: readonly number[]): InputRecord | null {
  const [batch = 0, flags = 0, buffer, waiting = 0, sinceSeconds = 0, sinceNanoseconds = 0] = record;
  const [column = 0, count = 0, seconds = 0, nanoseconds = 0] = record.slice(6);
  if (batch === 0) return null;
  return {
    batch,
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

function packDirectory(record: DirectoryRecord): readonly number[] {
  const { device, directory, look, batch, log, base, done, isInLoggedLine } = record;
  return [device, directory, look, batch, log, base, done, isInLoggedLine ? 1 : 0];
}

function unpackDirectory(record: readonly number[]): DirectoryRecord {
  const [device = 0, directory = 0, look = 0, batch = 0, log = 0, base = 0, done = 0, flags = 0] = record;
  return { device, directory, look, batch, log, base, done, isInLoggedLine: flags === 1 };
}
