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
 */
const offset = 4611686018427387914n;
/** Its upper and lower 32 bits. */
const [offsetHigh, offsetLow] = [0x40000000, 10] as const;

/**
 * Packs a moment into `bytes` at `at`: 8 bytes of seconds and 4 of nanoseconds, big-endian. The
 * nanoseconds are `usec * 1000 + 500`, as the field's programs write them, whose clock counts microseconds.
 */
export function packTai64n(time: WallTime, bytes: Uint8Array, at = 0): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, tai64nLength);
  view.setBigUint64(0, BigInt(time.seconds) + offset);
  view.setUint32(8, fieldNanoseconds(time.nanoseconds));
}

/** Reads a label out of `bytes` at `at`. Labels from before 1970 give negative seconds. */
export function unpackTai64n(bytes: Uint8Array, at = 0): WallTime {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, tai64nLength);
  // As one big integer it would take four times as long.
  const seconds = (view.getUint32(0) - offsetHigh) * 2 ** 32 + view.getUint32(4) - offsetLow;
  return { seconds, nanoseconds: view.getUint32(8) };
}

/** The text form: `@` and 24 lower-case hexadecimal digits. */
export function tai64nText(time: WallTime): string {
  const seconds = (BigInt(time.seconds) + offset).toString(16).padStart(16, "0");
  return `@${seconds}${fieldNanoseconds(time.nanoseconds).toString(16).padStart(8, "0")}`;
}

/** The nanoseconds as the field's programs write them: whole microseconds and a half. */
function fieldNanoseconds(nanoseconds: number): number {
  return nanoseconds - (nanoseconds % 1000) + 500;
}

/** Which of two moments is later: negative, 0 or positive, for the resolution of a label. */
export function compareTime(one: WallTime, other: WallTime): number {
  return one.seconds - other.seconds || fieldNanoseconds(one.nanoseconds) - fieldNanoseconds(other.nanoseconds);
}
