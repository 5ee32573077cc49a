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

/** Takes its memory with the first bytes. */
export function createLastWords(): LastWords {
  let kept: Uint8Array | null = null;
  let length = 0;
  return {
    add: (bytes) => {
      kept ??= new Uint8Array(size);
      const fresh = bytes.length > size ? bytes.subarray(-size) : bytes;
      const overflow = Math.max(0, length + fresh.length - size);
      if (overflow > 0) kept.copyWithin(0, overflow, length);
      length -= overflow;
      kept.set(fresh, length);
      length += fresh.length;
    },
    forget: () => {
      length = 0;
    },
    take: () => (kept === null || length === 0 ? null : Uint8Array.from(lastLines(kept.subarray(0, length)))),
  };
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
