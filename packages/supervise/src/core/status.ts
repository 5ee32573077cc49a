import { packTai64n, tai64nLength, unpackTai64n, type WallTime } from "./tai64n.ts";

/** What a service is doing, as stored and printed. */
export type RunState = "down" | "run" | "finish";

/** What `supervise/status` says. */
export interface StatusRecord {
  /** When `./run` was started, or when the service went down. A start of `./finish` does not move it. */
  readonly since: WallTime;
  /** The process of `./run` or `./finish`; 0 when nothing runs. */
  readonly pid: number;
  readonly paused: boolean;
  /** What the operator asked for; "want exit" is stored as down. */
  readonly want: "up" | "down";
  readonly gotTerm: boolean;
  readonly state: RunState;
}

/** Length of a status record in bytes. daemontools' readers use the first 18 of them. */
export const statusLength = 20;

const states: readonly RunState[] = ["down", "run", "finish"];

const up = 0x75;
const down = 0x64;

/**
 * Encodes a status record. Source: runit 2.1.2, observed.
 *
 * | bytes | content |
 * |---|---|
 * | 0-11 | TAI64N label of `since` |
 * | 12-15 | pid, little-endian |
 * | 16 | 1 when paused |
 * | 17 | `u` or `d`: wanted up or down |
 * | 18 | 1 when TERM was sent |
 * | 19 | 0 down, 1 run, 2 finish |
 */
export function encodeStatus(record: StatusRecord): Uint8Array {
  const bytes = new Uint8Array(statusLength);
  packTai64n(record.since, bytes);
  new DataView(bytes.buffer).setUint32(tai64nLength, record.pid, true);
  bytes[16] = record.paused ? 1 : 0;
  bytes[17] = record.want === "up" ? up : down;
  bytes[18] = record.gotTerm ? 1 : 0;
  bytes[19] = states.indexOf(record.state);
  return bytes;
}

/** Decodes a status record; null when it is not one (wrong length, or an unknown state). */
export function decodeStatus(bytes: Uint8Array): StatusRecord | null {
  if (bytes.length !== statusLength) return null;
  const state = states[bytes[19] ?? -1];
  if (state === undefined) return null;
  return {
    since: unpackTai64n(bytes),
    pid: pidIn(bytes),
    paused: bytes[16] !== 0,
    want: bytes[17] === up ? "up" : "down",
    gotTerm: bytes[18] !== 0,
    state,
  };
}

function pidIn(bytes: Uint8Array): number {
  const high = ((bytes[tai64nLength + 3] ?? 0) << 8) | (bytes[tai64nLength + 2] ?? 0);
  return ((high << 16) | ((bytes[tai64nLength + 1] ?? 0) << 8) | (bytes[tai64nLength] ?? 0)) >>> 0;
}
