/** Size in bytes of a record of utmp and wtmp: glibc's struct utmp on x86-64 and arm64. */
export const recordSize = 384;

/** A field's place in a record. */
interface Field {
  readonly at: number;
  readonly size: number;
}

/*
 * 0 type (16 bits, 2 of padding) · 4 pid · 8 line · 40 id · 44 user · 76 host · 332 exit · 336 session
 * · 340 seconds (32 bits; all numbers are little-endian) · 344 microseconds · 348 address · 364 unused
 */
const line: Field = { at: 8, size: 32 };
const user: Field = { at: 44, size: 32 };
const host: Field = { at: 76, size: 256 };
const secondsAt = 340;

/** The type of a record that says: nobody is logged in at this line any more. */
const DEAD_PROCESS = 8;

/** Whether this record says that a user is logged in at the line. */
export function isLoggedIn(record: Uint8Array, name: Uint8Array): boolean {
  if (record[user.at] === 0 || name.length > line.size) return false;
  const held = record.subarray(line.at, line.at + line.size);
  // A name that fills the field has no NUL behind it.
  const end = held.indexOf(0);
  const length = end === -1 ? line.size : end;
  return length === name.length && name.every((byte, index) => held[index] === byte);
}

/** The record after the logout: type, time, user and host change. `seconds` are since 1970. */
export function loggedOut(record: Uint8Array, seconds: number): Uint8Array {
  // Not slice(): of a Buffer, that is the same memory.
  const next = Uint8Array.from(record);
  next.fill(0, user.at, user.at + user.size);
  next.fill(0, host.at, host.at + host.size);
  return dead(next, seconds);
}

/** The record of a logout for wtmp, which has only type, line and time. */
export function logoutRecord(name: Uint8Array, seconds: number): Uint8Array {
  const record = new Uint8Array(recordSize);
  record.set(name.subarray(0, line.size), line.at);
  return dead(record, seconds);
}

function dead(record: Uint8Array, seconds: number): Uint8Array {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  view.setUint16(0, DEAD_PROCESS, true);
  view.setUint32(secondsAt, seconds, true);
  return record;
}
