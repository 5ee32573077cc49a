import {
  type DirectoryRecord,
  type InputRecord,
  packDirectory,
  packInput,
  unpackDirectory,
  unpackInput,
} from "../core/journal-record.ts";

/*
 * What a killed logger leaves to its successor: memory that outlives the process. Each store to it is final, and
 * stores keep their order, so the journal costs no system call.
 *
 *     0     text: version, boot, and what the lines' bytes depend on
 *     1024  a selector for each record
 *     1088  records: that of the input, then one for each directory; two copies of each
 *     4096  two buffers
 *
 * A record is written to the copy that is not selected. Then one store selects it, so a record is never half written.
 *
 * Like the splitter and the channel, this works in place: it touches nothing but the memory that it is given, so its
 * results depend on its arguments alone, but it changes that memory instead of returning new values.
 */

/** Memory that records and input are kept in. */
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

/** The head of a journal with this text: zeros follow it. */
export function journalText(text: string): Uint8Array {
  const bytes = Buffer.alloc(textSize);
  bytes.write(text, "latin1");
  return bytes;
}

export function hasText(memory: ArrayBuffer, text: string): boolean {
  return Buffer.from(memory, 0, textSize).equals(journalText(text));
}

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

  let input = unpackInput(read(0));
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
