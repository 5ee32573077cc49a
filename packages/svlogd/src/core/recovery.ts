import { type DirectoryRecord, type InputRecord, nextBatch } from "./journal-record.ts";

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
  /** Somebody else may have logged since. What the killed logger has left must not come behind that. */
  | { readonly kind: "stale" }
  /** All of it, or an amount that cannot be told. */
  | { readonly kind: "complete" }
  | RecoveredPart;

/** The first `done` bytes. The last of them are in `log`, from `base` on. */
export interface RecoveredPart {
  readonly kind: "part";
  readonly log: FoundLog;
  readonly base: number;
  readonly done: number;
}

/**
 * Finds out how much of the batch a directory has got, from its record and its logs.
 *
 * The log in the record may have been renamed since: the logger was killed while it rotated, or its successor was
 * before it had begun a new log. Either way it is the last log, unless others have logged since.
 *
 * @param format of lines now.
 */
export function planDirectory(
  input: InputRecord,
  record: DirectoryRecord,
  { current, newest }: FoundLogs,
  format: number,
): Recovered {
  if (record.batch < input.batch || record.batch > nextBatch(input)) return { kind: "stale" };
  const isCurrent = current?.inode === record.log;
  if (!isCurrent && current !== null && current.size > 0) return { kind: "stale" };
  const log = isCurrent ? current : newest;
  if (log?.inode !== record.log || log.size < record.base) return { kind: "stale" };
  const written = log.size - record.base;
  const isOver = record.batch > input.batch;
  if (isOver || !input.isReceived) return { kind: written > 0 ? "stale" : "complete" };
  const done = record.done + written;
  if (done > 0 && record.format !== format) return { kind: "complete" };
  return { kind: "part", log, base: record.base, done };
}

/** How many bytes the whole lines have at the start of these bytes. */
export function wholeLines(bytes: Uint8Array): number {
  return bytes.lastIndexOf(10) + 1;
}

/** A sum over a value: its text read as a number, modulo a prime. Two values have the same one in one of 2^45 cases. */
export function checksum(value: unknown): number {
  return Buffer.from(JSON.stringify(value)).reduce((sum, byte) => (sum * 257 + byte) % (2 ** 45 - 55), 0);
}
