import { unpackTai64n } from "@upkeep/supervise/core/tai64n";
import { Buffer } from "node:buffer";

import type { Zone } from "./zone.ts";

/** Milliseconds. */
const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const day = 86_400;

/**
 * Reads a moment as people write it, in microseconds since 1970; null where it is none.
 *
 * `90s`, `1h30m`, `2d` are that long ago; a number alone is seconds ago. `14:05`, `14:05:30` are of today; `2026-11-28`,
 * `2026-11-28 14:05` (or with `T` or `_`) are local unless `Z` or an offset follows; `today`, `yesterday` begin at midnight, `now`; and a
 * TAI64N label.
 */
export function parseWhen(text: string, nowMillis: number, zone: Zone): number | null {
  const ago = parseDuration(text);
  if (ago !== null) return (nowMillis - ago) * 1000;
  if (/^@[0-9a-f]{24}$/.test(text)) {
    const { seconds, nanoseconds } = unpackTai64n(Buffer.from(text.slice(1), "hex"));
    return seconds * 1e6 + nanoseconds / 1000;
  }
  const nowCivil = zone.toCivil(Math.floor(nowMillis / 1000));
  const midnight = nowCivil - (((nowCivil % day) + day) % day);
  if (text === "now") return nowMillis * 1000;
  if (text === "today") return zone.toUtc(midnight) * 1e6;
  if (text === "yesterday") return zone.toUtc(midnight - day) * 1e6;
  return parseDate(text, midnight, zone);
}

/** Reads `1h30m` in ms; a number alone is seconds. Null where it is none. */
function parseDuration(text: string): number | null {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|min|m|h|d|w))+$/.test(text)) return null;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|min|m|h|d|w)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}

const dated = /^(?:(\d{4})-(\d\d)-(\d\d)(?:[T_ ]|$))?(?:(\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?$/;

function parseDate(text: string, midnight: number, zone: Zone): number | null {
  const found = text === "" ? null : dated.exec(text);
  if (found === null) return null;
  const [, year, month, date, hour = "0", minute = "0", second = "0", fraction = "", offset] = found;
  if (year === undefined && found[4] === undefined) return null;
  const start = year === undefined ? midnight : Date.UTC(Number(year), Number(month) - 1, Number(date)) / 1000;
  const isReal = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  const isSameDay = year === undefined || new Date(start * 1000).toISOString().startsWith(`${year}-${month}-${date}`);
  if (!isReal || !isSameDay) return null;
  const civil = start + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const seconds = offset === undefined ? zone.toUtc(civil) : civil - secondsOf(offset);
  return seconds * 1e6 + Number(`0${fraction}`) * 1e6;
}

function secondsOf(offset: string): number {
  if (offset === "Z") return 0;
  const seconds = Number(offset.slice(1, 3)) * 3600 + Number(offset.slice(-2)) * 60;
  return offset.startsWith("-") ? -seconds : seconds;
}
