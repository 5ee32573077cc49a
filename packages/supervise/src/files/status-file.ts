import { closeSync, constants, openSync, readSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";

import { decodeStatus, statusLength, type StatusRecord } from "../core/status.ts";

const { O_NONBLOCK, O_RDONLY } = constants;

/**
 * Reads a status file. What may follow the record is ignored, as runit does.
 *
 * @param path where it is. @param name what messages call it: `supervise/status`.
 * @returns null when it is not a status record. Throws SystemError when it cannot be read.
 */
export function readStatusFile(path: string, name: string): StatusRecord | null {
  // Non-blocking: whatever stands in its place, a FIFO even, must not hold the reader up.
  const fd = attempt(`open ${name}`, () => openSync(path, O_RDONLY | O_NONBLOCK));
  try {
    const bytes = new Uint8Array(statusLength);
    const length = attempt(`read ${name}`, () => readSync(fd, bytes));
    return decodeStatus(bytes.subarray(0, length));
  } finally {
    closeSync(fd);
  }
}
