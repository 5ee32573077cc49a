/** Puts text in front of lines. */
export interface LineAssembler {
  /** Takes the next bytes; returns the lines that are complete with them, each behind the prefix. */
  push(bytes: Uint8Array): Buffer;
  /**
   * Ends the line that is not complete, if there is one, and returns it. Where it `mayGoOn`, a newline that
   * comes next is its own and not another line's.
   */
  flush(mayGoOn: boolean): Buffer;
  /** Whether a line waits for its end. */
  isMidLine(): boolean;
  /** From the next line on. */
  setPrefix(prefix: Uint8Array): void;
}

const newline = 10;
const nothing: Buffer = Buffer.alloc(0);

/**
 * Makes lines of bytes that come in pieces. A line of more than `longest` bytes is cut, between two
 * characters of UTF-8 where it holds such, and each part becomes a line with the prefix.
 */
export function createLineAssembler(first: Uint8Array, longest: number): LineAssembler {
  let prefix = Buffer.from(first);
  let rest: Buffer = nothing;
  let owesNewline = false;

  const cutAt = (input: Buffer, from: number): number => {
    const to = from + longest;
    for (let back = 0; back < Math.min(4, longest); back++) {
      if (((input[to - back] ?? 0) & 0xc0) !== 0x80) return to - back;
    }
    return to;
  };

  /** Calls `piece` for each line, the ends of which are not part of it; returns where the rest begins. */
  const split = (input: Buffer, piece: (from: number, to: number) => void): number => {
    let from = 0;
    for (;;) {
      const found = input.indexOf(newline, from);
      const end = found === -1 ? input.length : found;
      while (end - from > longest) {
        const to = cutAt(input, from);
        piece(from, to);
        from = to;
      }
      if (found === -1) return from;
      piece(from, found);
      from = found + 1;
    }
  };

  return {
    push: (bytes) => {
      const skipped = owesNewline && bytes[0] === newline ? 1 : 0;
      owesNewline &&= bytes.length === 0;
      const own = Buffer.from(bytes.buffer, bytes.byteOffset + skipped, bytes.length - skipped);
      const input = rest.length === 0 ? own : Buffer.concat([rest, own]);
      let size = 0;
      const start = split(input, (from, to) => {
        size += prefix.length + to - from + 1;
      });
      const output = size === 0 ? nothing : Buffer.allocUnsafe(size);
      let at = 0;
      split(input, (from, to) => {
        at += prefix.copy(output, at);
        at += input.copy(output, at, from, to);
        output[at++] = newline;
      });
      // A copy, for the bytes are the caller's again; of an unfinished line only.
      rest = start === input.length ? nothing : Buffer.from(input.subarray(start));
      return output;
    },
    flush: (mayGoOn) => {
      if (!mayGoOn) owesNewline = false;
      if (rest.length === 0) return nothing;
      owesNewline = mayGoOn;
      const line = Buffer.concat([prefix, rest, Buffer.of(newline)]);
      rest = nothing;
      return line;
    },
    isMidLine: () => rest.length > 0,
    setPrefix: (next) => {
      prefix = Buffer.from(next);
    },
  };
}
