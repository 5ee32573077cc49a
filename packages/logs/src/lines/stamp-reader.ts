import type { Zone } from "../core/zone.ts";

/**
 * Reads the time stamp that a logger has put before a line. It works in place: the result stays in it until the next call.
 *
 * | written by | looks like | zone |
 * |---|---|---|
 * | svlogd -t, multilog t, s6-log t | `@400000006b0a8fb403947407 ` | TAI64N |
 * | svlogd -tt, -ttt | `2026-11-28_08:23:43.04440 ` | UTC |
 * | s6-log T | `2026-11-28 08:23:43.056486504  ` | local time |
 */
export interface StampReader {
  /** Microseconds since 1970. */
  micros: number;
  /** Reads the stamp of the line between two positions; returns its length with the blank, 0: there is none. */
  read(bytes: Uint8Array, from: number, to: number): number;
}

/** Seconds that runit's and daemontools' labels are ahead of Unix time. They know no leap seconds. */
const labelOffset = 10;
/** What skalibs adds to that: the leap seconds since 1972. Source: s6-log of Debian, observed. */
const leapSeconds = 27;

const [at, blank, dash, colon, dot, underscore, letterT] = [64, 32, 45, 58, 46, 95, 84] as const;
const labelLength = 25;
const dateLength = 19;

/** @param countsLeapSeconds whether the logger was s6-log. */
export function createStampReader(zone: Zone, countsLeapSeconds: boolean): StampReader {
  const offset = labelOffset + (countsLeapSeconds ? leapSeconds : 0);
  const seconds = createSecondsCache();
  const reader: StampReader = {
    micros: 0,
    read: (bytes, from, to) => {
      if (bytes[from] === at) return readLabel(bytes, from, to);
      return bytes[from + 4] === dash && bytes[from + dateLength] === dot ? readDate(bytes, from, to) : 0;
    },
  };

  const readLabel = (bytes: Uint8Array, from: number, to: number): number => {
    const end = from + labelLength;
    if (end > to || (end < to && bytes[end] !== blank)) return 0;
    if (!seconds.knows(bytes, from + 1, 16)) {
      const high = hexadecimal(bytes, from + 1, from + 9);
      const low = hexadecimal(bytes, from + 9, from + 17);
      if (high === -1 || low === -1) return 0;
      seconds.keep(bytes, from + 1, 16, (high - 0x4000_0000) * 0x1_0000_0000 + low - offset);
    }
    const nanoseconds = hexadecimal(bytes, from + 17, end);
    if (nanoseconds === -1) return 0;
    reader.micros = seconds.value * 1e6 + nanoseconds / 1000;
    return Math.min(end + 1, to) - from;
  };

  const readDate = (bytes: Uint8Array, from: number, to: number): number => {
    const separator = bytes[from + 10];
    const isLocal = separator === blank;
    if (!isLocal && separator !== underscore && separator !== letterT) return 0;
    const digits = isLocal ? 9 : 5;
    const end = from + dateLength + 1 + digits;
    if (end >= to || bytes[end] !== blank || (isLocal && bytes[end + 1] !== blank)) return 0;
    if (!seconds.knows(bytes, from, dateLength)) {
      const civil = civilSeconds(bytes, from);
      if (civil === -1) return 0;
      seconds.keep(bytes, from, dateLength, isLocal ? zone.toUtc(civil) : civil);
    }
    const fraction = decimal(bytes, from + dateLength + 1, end);
    if (fraction === -1) return 0;
    reader.micros = seconds.value * 1e6 + fraction * (isLocal ? 1e-3 : 10);
    return Math.min(end + (isLocal ? 2 : 1), to) - from;
  };
  return reader;
}

/** Most lines are of the same second as the one before. */
interface SecondsCache {
  value: number;
  knows(bytes: Uint8Array, from: number, length: number): boolean;
  keep(bytes: Uint8Array, from: number, length: number, value: number): void;
}

function createSecondsCache(): SecondsCache {
  const text = new Uint8Array(dateLength);
  let known = 0;
  const cache: SecondsCache = {
    value: 0,
    knows: (bytes, from, length) => {
      if (known !== length) return false;
      // The last digits differ most often.
      for (let index = length - 1; index >= 0; index--) if (text[index] !== bytes[from + index]) return false;
      return true;
    },
    keep: (bytes, from, length, value) => {
      text.set(bytes.subarray(from, from + length));
      known = length;
      cache.value = value;
    },
  };
  return cache;
}

/** `2026-11-28_08:23:43` as seconds since 1970, as if it were UTC; -1 where it is no date. */
function civilSeconds(bytes: Uint8Array, from: number): number {
  const isShaped = bytes[from + 7] === dash && bytes[from + 13] === colon && bytes[from + 16] === colon;
  const field = (start: number, length: number): number => decimal(bytes, from + start, from + start + length);
  const fields = [field(0, 4), field(5, 2), field(8, 2), field(11, 2), field(14, 2), field(17, 2)] as const;
  if (!isShaped || fields.includes(-1)) return -1;
  const [year, month, day, hour, minute, second] = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function decimal(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) {
    const digit = (bytes[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function hexadecimal(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) {
    const byte = bytes[index] ?? 0;
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : byte >= 97 && byte <= 102 ? byte - 87 : -1;
    if (digit === -1) return -1;
    value = value * 16 + digit;
  }
  return value;
}
