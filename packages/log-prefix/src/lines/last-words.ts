/** Keeps the end of what a service writes. */
export interface LastWords {
  add(bytes: Uint8Array): void;
  /** A start begins: what came before is not of it. */
  forget(): void;
  /** A copy of the last lines; null where there are none. */
  take(): Uint8Array | null;
}

/** How much is kept: bytes, and lines. */
const size = 8192;
const mostLines = 50;
const newline = 10;

export function createLastWords(): LastWords {
  return new KeptWords();
}

/** It takes its memory with the first bytes. */
class KeptWords implements LastWords {
  #kept: Uint8Array | null = null;
  #length = 0;

  add(bytes: Uint8Array): void {
    this.#kept ??= new Uint8Array(size);
    const fresh = bytes.length > size ? bytes.subarray(-size) : bytes;
    const overflow = Math.max(0, this.#length + fresh.length - size);
    if (overflow > 0) this.#kept.copyWithin(0, overflow, this.#length);
    this.#length -= overflow;
    this.#kept.set(fresh, this.#length);
    this.#length += fresh.length;
  }

  forget(): void {
    this.#length = 0;
  }

  take(): Uint8Array | null {
    if (this.#kept === null || this.#length === 0) return null;
    return Uint8Array.from(lastLines(this.#kept.subarray(0, this.#length)));
  }
}

/** Where the line begins that ends before a position. */
function lineBefore(bytes: Uint8Array, position: number): number {
  return position < 2 ? 0 : bytes.lastIndexOf(newline, position - 2) + 1;
}

function lastLines(bytes: Uint8Array): Uint8Array {
  let from = bytes.length;
  for (let left = mostLines; left > 0 && from > 0; left--) from = lineBefore(bytes, from);
  if (from > 0 || bytes.length < size) return bytes.subarray(from);
  // The first line has lost its beginning, unless it is the only one.
  const end = bytes.indexOf(newline);
  return end === -1 || end === bytes.length - 1 ? bytes : bytes.subarray(end + 1);
}
