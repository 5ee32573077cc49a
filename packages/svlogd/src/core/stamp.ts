import { tai64nText, type WallTime } from "@upkeep/supervise/core/tai64n";

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

/** `2026-11-21_05:38:23.67433`: further digits are cut, not rounded. */
function readable({ seconds, nanoseconds }: WallTime, separator: string): string {
  const [date, clock] = new Date(seconds * 1000).toISOString().split("T");
  const fraction = String(Math.trunc(nanoseconds / 10_000)).padStart(5, "0");
  return `${date}${separator}${clock?.slice(0, 8)}.${fraction}`;
}
