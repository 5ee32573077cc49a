import { tai64nText } from "@upkeep/supervise/core/tai64n";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

/** Time stamps: none, TAI64N labels, or UTC for people with `_` or `T` between date and time. */
export type StampStyle = 0 | 1 | 2 | 3;

/** The stamp that a line begins with, blank included; 26 characters, or none. */
export function renderStamp(style: StampStyle, time: WallTime): string {
  switch (style) {
    case 0:
      return "";
    case 1:
      return `${tai64nText(time)} `;
    case 2:
      return `${readable(time, "_")} `;
    case 3:
      return `${readable(time, "T")} `;
  }
}

/** `2026-11-21_05:38:23.67433`: the digits that would be too many are cut, not rounded. */
function readable({ seconds, nanoseconds }: WallTime, separator: string): string {
  const [date, clock] = new Date(seconds * 1000).toISOString().split("T");
  const fraction = String(Math.trunc(nanoseconds / 10_000)).padStart(5, "0");
  return `${date}${separator}${clock?.slice(0, 8)}.${fraction}`;
}

/**
 * What each byte becomes: those outside printable ASCII, and those of `also`, become `by`. Null when
 * nothing is replaced.
 */
export function replacementTable(by: number | null, also: Uint8Array): Uint8Array | null {
  if (by === null) return null;
  const table = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 32 || byte > 126 ? by : byte));
  for (const byte of also) table[byte] = by;
  return table;
}

/**
 * Replaces bytes in place, from `from` up to `to`, in the first `length` bytes of each line. Newlines
 * stay.
 *
 * @param column how much of the line came before `from`. @returns how much of it there is at `to`.
 */
export function replaceBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  { table, length, column }: { readonly table: Uint8Array; readonly length: number; readonly column: number },
): number {
  let at = column;
  for (let index = from; index < to; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === 10) {
      at = 0;
      continue;
    }
    if (at < length) bytes[index] = table[byte] ?? byte;
    at++;
  }
  return at;
}
