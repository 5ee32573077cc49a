export const newline = 10;
const nothing = new Uint8Array();

/** Lines behind a prefix, put together in one buffer. */
export class PrefixedLines {
  #output: Buffer;
  #written = 0;
  #prefix = nothing;

  /** @param size of the buffer at first; it grows as needed. */
  constructor(size: number) {
    this.#output = Buffer.allocUnsafe(size);
  }

  /** Adds a line, whose bytes are without a newline. */
  put(bytes: Buffer, from: number, to: number): void {
    const prefix = this.#prefix;
    let written = this.#written;
    const needed = written + prefix.length + to - from + 1;
    if (needed > this.#output.length) this.#grow(needed);
    const output = this.#output;
    // A call for the few bytes of a prefix would take longer than the loop.
    for (let at = 0; at < prefix.length; at++) output[written + at] = prefix[at] ?? 0;
    written += prefix.length;
    written += bytes.copy(output, written, from, to);
    output[written++] = newline;
    this.#written = written;
  }

  /** Returns the lines added since the last call; they are valid until the next is added. */
  take(): Uint8Array {
    const lines = this.#output.subarray(0, this.#written);
    this.#written = 0;
    return lines;
  }

  setPrefix(prefix: Uint8Array): void {
    this.#prefix = Uint8Array.from(prefix);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(needed * 2);
    this.#output.copy(larger, 0, 0, this.#written);
    this.#output = larger;
  }
}
