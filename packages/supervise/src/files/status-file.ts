import { closeSync, constants, openSync, readSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";

import { decodeStatus, statusLength, type StatusRecord } from "../core/status.ts";

const { O_NONBLOCK, O_RDONLY } = constants;

/**
 * Reads a status file. Bytes after the record are ignored, as by runit.
 *
 * @param path where it is. @param name what messages call it: `supervise/status`.
 * @returns null when it is not a status record. Throws SystemError when it cannot be read.
 */
export function readStatusFile(path: string, name: string): StatusRecord | null {
  // Non-blocking: a FIFO in its place must not block the reader.
  const fd = attempt(`open ${name}`, () => openSync(path, O_RDONLY | O_NONBLOCK));
  try {
    const bytes = new Uint8Array(statusLength);
    const length = attempt(`read ${name}`, () => readSync(fd, bytes));
    return decodeStatus(bytes.subarray(0, length));
  } finally {
    closeSync(fd);
  }
}
