import { readFileSync } from "node:fs";

import { SystemError } from "@upkeep/syscalls/errno";

import { decodeStatus, type StatusRecord } from "./status-record.ts";

/**
 * Reads a status file.
 *
 * @returns null when it is not a status record. Throws SystemError when it cannot be opened.
 */
export function readStatusFile(path: string, name: string): StatusRecord | null {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw SystemError.from(`open ${name}`, error);
  }
  return decodeStatus(bytes);
}
