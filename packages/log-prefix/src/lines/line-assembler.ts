import { createPrefixedLines, newline } from "./prefixed-lines.ts";

/** Puts text in front of lines. What it returns is valid until the next call. */
export interface LineAssembler {
  /** Where to put the bytes that come next; at least `chunk` of them. */
  space(): Uint8Array;
  /** Takes so many bytes that have been put there; returns the lines that are complete with them, each with its prefix. */
  received(count: number): Uint8Array;
  /**
   * Ends the line that is not complete, if there is one, and returns it. Where it `mayContinue`, a newline that comes next
   * belongs to it and makes no line of its own.
   */
  flush(mayContinue: boolean): Uint8Array;
  /** Whether a line waits for its end. */
  isMidLine(): boolean;
  /** The beginning of the line that waits for its end. */
  unfinished(): Uint8Array;
  /** From the next line that is completed on. */
  setPrefix(prefix: Uint8Array): void;
}

/**
 * Makes lines of bytes that come in pieces. A line of more than `longest` bytes is cut, between two characters of
 * UTF-8 where it holds such, and each part becomes a line with the prefix.
 *
 * It works in place: it does nothing to the outside, but it keeps bytes and changes its buffers. An unfinished line
 * waits at the start of the buffer, so that most bytes are copied only once.
 */
export function createLineAssembler(chunk: number, longest: number): LineAssembler {
  const input = Buffer.allocUnsafe(longest + chunk);
  const output = createPrefixedLines(chunk + (chunk >> 2));
  let waiting = 0;
  let owesNewline = false;

  /** Puts out the parts of a line that is too long, all but the last; returns where that begins. */
  const cut = (start: number, end: number): number => {
    let from = start;
    while (end - from > longest) {
      const to = cutAt(input, from, longest);
      output.put(input, from, to);
      from = to;
    }
    return from;
  };

  const received = (count: number): Uint8Array => {
    const end = waiting + count;
    let from = 0;
    if (owesNewline && count > 0) {
      owesNewline = false;
      if (input[0] === newline) from = 1;
    }
    let searched = Math.max(waiting, from);
    for (;;) {
      const found = input.indexOf(newline, searched);
      const lineEnd = found === -1 || found >= end ? end : found;
      from = cut(from, lineEnd);
      if (lineEnd === end) break;
      output.put(input, from, lineEnd);
      from = searched = lineEnd + 1;
    }
    if (from > 0) input.copyWithin(0, from, end);
    waiting = end - from;
    return output.take();
  };

  return {
    space: () => input.subarray(waiting, waiting + chunk),
    received,
    flush: (mayContinue) => {
      if (waiting > 0) output.put(input, 0, waiting);
      owesNewline = mayContinue && (waiting > 0 || owesNewline);
      waiting = 0;
      return output.take();
    },
    isMidLine: () => waiting > 0,
    unfinished: () => input.subarray(0, waiting),
    setPrefix: output.setPrefix,
  };
}

/** Where to cut a line that goes on behind `longest` bytes: not within a character. */
function cutAt(bytes: Uint8Array, from: number, longest: number): number {
  const to = from + longest;
  for (let back = 0; back < Math.min(4, longest); back++) {
    if (((bytes[to - back] ?? 0) & 0xc0) !== 0x80) return to - back;
  }
  return to;
}
