/** Puts text in front of lines. What it returns is valid until the next call. */
export interface LineAssembler {
  /** Where to put the bytes that come next; at least `chunk` of them. */
  space(): Uint8Array;
  /** Takes so many bytes that have been put there; returns the lines that are complete with them, each behind the prefix. */
  received(count: number): Uint8Array;
  /**
   * Ends the line that is not complete, if there is one, and returns it. Where it `mayGoOn`, a newline that
   * comes next is its own and not another line's.
   */
  flush(mayGoOn: boolean): Uint8Array;
  /** Whether a line waits for its end. */
  isMidLine(): boolean;
  /** From the next line that is completed on. */
  setPrefix(prefix: Uint8Array): void;
}

const newline = 10;

/**
 * Makes lines of bytes that come in pieces. A line of more than `longest` bytes is cut, between two
 * characters of UTF-8 where it holds such, and each part becomes a line with the prefix.
 *
 * An unfinished line waits at the start of the buffer, so that most bytes are copied only once.
 */
export function createLineAssembler(chunk: number, longest: number): LineAssembler {
  const input = Buffer.allocUnsafe(longest + chunk);
  let waiting = 0;
  let output = Buffer.allocUnsafe(chunk + (chunk >> 2));
  let written = 0;
  let prefix: Uint8Array = new Uint8Array();
  let owesNewline = false;

  const put = (from: number, to: number): void => {
    const needed = written + prefix.length + to - from + 1;
    if (needed > output.length) {
      const larger = Buffer.allocUnsafe(needed * 2);
      output.copy(larger, 0, 0, written);
      output = larger;
    }
    // A call for the few bytes of a prefix would take longer than the loop.
    for (let at = 0; at < prefix.length; at++) output[written + at] = prefix[at] ?? 0;
    written += prefix.length;
    written += input.copy(output, written, from, to);
    output[written++] = newline;
  };

  const cutAt = (from: number): number => {
    const to = from + longest;
    for (let back = 0; back < Math.min(4, longest); back++) {
      if (((input[to - back] ?? 0) & 0xc0) !== 0x80) return to - back;
    }
    return to;
  };

  /** Puts the parts of a line that is too long as a whole; returns where the last one begins. */
  const cut = (start: number, end: number): number => {
    let from = start;
    while (end - from > longest) {
      const to = cutAt(from);
      put(from, to);
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
    written = 0;
    let searched = Math.max(waiting, from);
    for (;;) {
      const found = input.indexOf(newline, searched);
      const lineEnd = found === -1 || found >= end ? end : found;
      from = cut(from, lineEnd);
      if (lineEnd === end) break;
      put(from, lineEnd);
      from = searched = lineEnd + 1;
    }
    if (from > 0) input.copyWithin(0, from, end);
    waiting = end - from;
    return output.subarray(0, written);
  };

  return {
    space: () => input.subarray(waiting, waiting + chunk),
    received,
    flush: (mayGoOn) => {
      written = 0;
      if (waiting > 0) put(0, waiting);
      owesNewline = mayGoOn && (waiting > 0 || owesNewline);
      waiting = 0;
      return output.subarray(0, written);
    },
    isMidLine: () => waiting > 0,
    setPrefix: (next) => {
      prefix = Uint8Array.from(next);
    },
  };
}
