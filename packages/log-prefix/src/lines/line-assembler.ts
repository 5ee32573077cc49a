import { PrefixedLines, newline } from "./prefixed-lines.ts";

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
 */
export function createLineAssembler(chunk: number, longest: number): LineAssembler {
  return new CutLines(chunk, longest);
}

/**
 * It works in place: it does nothing to the outside, but it keeps bytes and changes its buffers. An unfinished line
 * waits at the start of the buffer, so that most bytes are copied only once.
 */
class CutLines implements LineAssembler {
  readonly #chunk: number;
  readonly #longest: number;
  readonly #input: Buffer;
  readonly #output: PrefixedLines;
  #waiting = 0;
  #owesNewline = false;

  constructor(chunk: number, longest: number) {
    this.#chunk = chunk;
    this.#longest = longest;
    this.#input = Buffer.allocUnsafe(longest + chunk);
    this.#output = new PrefixedLines(chunk + (chunk >> 2));
  }

  space(): Uint8Array {
    return this.#input.subarray(this.#waiting, this.#waiting + this.#chunk);
  }

  received(count: number): Uint8Array {
    const input = this.#input;
    const end = this.#waiting + count;
    let from = 0;
    if (this.#owesNewline && count > 0) {
      this.#owesNewline = false;
      if (input[0] === newline) from = 1;
    }
    let searched = Math.max(this.#waiting, from);
    for (;;) {
      const found = input.indexOf(newline, searched);
      const lineEnd = found === -1 || found >= end ? end : found;
      from = this.#cut(from, lineEnd);
      if (lineEnd === end) break;
      this.#output.put(input, from, lineEnd);
      from = searched = lineEnd + 1;
    }
    if (from > 0) input.copyWithin(0, from, end);
    this.#waiting = end - from;
    return this.#output.take();
  }

  flush(mayContinue: boolean): Uint8Array {
    if (this.#waiting > 0) this.#output.put(this.#input, 0, this.#waiting);
    this.#owesNewline = mayContinue && (this.#waiting > 0 || this.#owesNewline);
    this.#waiting = 0;
    return this.#output.take();
  }

  isMidLine(): boolean {
    return this.#waiting > 0;
  }

  unfinished(): Uint8Array {
    return this.#input.subarray(0, this.#waiting);
  }

  setPrefix(prefix: Uint8Array): void {
    this.#output.setPrefix(prefix);
  }

  /** Puts out the parts of a line that is too long, all but the last; returns where that begins. */
  #cut(start: number, end: number): number {
    let from = start;
    while (end - from > this.#longest) {
      const to = cutAt(this.#input, from, this.#longest);
      this.#output.put(this.#input, from, to);
      from = to;
    }
    return from;
  }
}

/** Where to cut a line that goes on behind `longest` bytes: not within a character. */
function cutAt(bytes: Uint8Array, from: number, longest: number): number {
  const to = from + longest;
  for (let back = 0; back < Math.min(4, longest); back++) {
    if (((bytes[to - back] ?? 0) & 0xc0) !== 0x80) return to - back;
  }
  return to;
}
