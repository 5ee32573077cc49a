/** A moment on the wall clock: seconds since 1970 and nanoseconds 0 to 999999999. */
export interface WallTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Length in bytes of a TAI64N label. */
export const tai64nLength = 12;

/**
 * What is added to Unix seconds: 2^62 and the 10 s by which TAI was ahead in 1972. The field's tools
 * have no leap-second table. Source: https://cr.yp.to/libtai/tai64.html, checked against runit 2.1.2.
 * The label is two words of 32 bits, since one big integer would take four times as long.
 */
const [offsetHigh, offsetLow] = [2 ** 30, 10] as const;
const wordSize = 2 ** 32;

/**
 * Packs a moment into `bytes` at `at`: 8 bytes of seconds and 4 of nanoseconds, big-endian. The
 * nanoseconds are `usec * 1000 + 500`, as the field's programs write them, whose clock counts microseconds.
 */
export function packTai64n(time: WallTime, bytes: Uint8Array, at = 0): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, tai64nLength);
  const [high, low] = wordsOf(time);
  view.setUint32(0, high);
  view.setUint32(4, low);
  view.setUint32(8, fieldNanoseconds(time.nanoseconds));
}

/** Reads a label out of `bytes` at `at`. Labels from before 1970 give negative seconds. */
export function unpackTai64n(bytes: Uint8Array, at = 0): WallTime {
  const seconds = (wordAt(bytes, at) - offsetHigh) * wordSize + wordAt(bytes, at + 4) - offsetLow;
  return { seconds, nanoseconds: wordAt(bytes, at + 8) };
}

/** 32 bits, big-endian. A view would cost more than all else here, and a list reads thousands of labels. */
function wordAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return ((high << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

/** The text form: `@` and 24 lower-case hexadecimal digits. */
export function tai64nText(time: WallTime): string {
  const words = [...wordsOf(time), fieldNanoseconds(time.nanoseconds)];
  return `@${words.map((word) => word.toString(16).padStart(8, "0")).join("")}`;
}

/** The seconds of a label, as its upper and its lower word. */
function wordsOf({ seconds }: WallTime): readonly [number, number] {
  const shifted = seconds + offsetLow;
  const carry = Math.floor(shifted / wordSize);
  return [offsetHigh + carry, shifted - carry * wordSize];
}

/** The nanoseconds as the field's programs write them: whole microseconds and a half. */
function fieldNanoseconds(nanoseconds: number): number {
  return nanoseconds - (nanoseconds % 1000) + 500;
}

/** Which of two moments is later: negative, 0 or positive, for the resolution of a label. */
export function compareTime(one: WallTime, other: WallTime): number {
  return one.seconds - other.seconds || fieldNanoseconds(one.nanoseconds) - fieldNanoseconds(other.nanoseconds);
}
