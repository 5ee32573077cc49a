import type { Head } from "./head.ts";
import type { Times } from "./splitter.ts";

/** Takes bytes, which are valid during the call only. */
export type Sink = (bytes: Buffer, from: number, to: number) => void;

const newline = 10;
const scratchSize = 256 * 1024;

/** Lines are put together here on their way to a log. All channels share it, as none keeps anything in it. */
let scratch: Buffer | null = null;

/**
 * Puts heads before lines, and hands on many lines at once. Nearly all logs want all lines, so this is the path that
 * has to be fast.
 */
export function createAssembly(
  head: Head,
  sink: Sink,
): (bytes: Buffer, from: number, to: number, times: Times) => void {
  const room = (scratch ??= Buffer.allocUnsafeSlow(scratchSize));
  return (bytes, from, to, { first, rest }) => {
    let before = head(first);
    if (before.length === 0) return sink(bytes, from, to);
    let filled = 0;
    for (let start = from; start < to;) {
      const end = bytes.indexOf(newline, start) + 1;
      const size = before.length + end - start;
      if (filled + size > room.length) {
        sink(room, 0, filled);
        filled = 0;
      }
      if (size > room.length) {
        sink(before, 0, before.length);
        sink(bytes, start, end);
      } else {
        room.set(before, filled);
        bytes.copy(room, filled + before.length, start, end);
        filled += size;
      }
      if (start === from) before = head(rest);
      start = end;
    }
    if (filled > 0) sink(room, 0, filled);
  };
}
