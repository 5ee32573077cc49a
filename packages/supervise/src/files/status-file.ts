import { SystemError } from "@upkeep/linux/core/errno";
import { readInto } from "@upkeep/linux/fd/files";

import { decodeStatus, statusLength, type StatusRecord } from "../core/status.ts";

/** One byte more than there should be: see `readInto`. */
const room = new Uint8Array(statusLength + 1);
const record = room.subarray(0, statusLength);

/**
 * Reads a status file. Bytes after the record are ignored, as by runit.
 *
 * @param path where it is. @param name what messages call it: `supervise/status`.
 * @returns null when it is not a status record. Throws SystemError when it cannot be read.
 */
export function readStatusFile(path: string, name: string): StatusRecord | null {
  try {
    return readInto(room, path) < statusLength ? null : decodeStatus(record);
  } catch (error) {
    throw SystemError.from(`${error instanceof SystemError ? "read" : "open"} ${name}`, error);
  }
}
