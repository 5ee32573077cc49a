import { statSync, type Stats } from "node:fs";

import { readFile } from "@upkeep/linux/fd/files";

import { decodeStatus, statusLength, type StatusRecord } from "../core/status.ts";

const othersMayWrite = 0o022;

/**
 * Whether a supervise directory belongs to this user, and nobody else may write to it; false where there is none. Throws
 * as node:fs does.
 */
export function isOwnDirectory(supervise: string): boolean {
  const found = statSync(supervise, { throwIfNoEntry: false });
  return found !== undefined && found.uid === process.geteuid?.() && (found.mode & othersMayWrite) === 0;
}

/**
 * Reads a file of a supervise directory if nobody but this user can have put it there: it has no other name and belongs
 * to us, and so does the directory, to which nobody else may write. Null where that is not so, or there is none.
 */
export function readOwnFile(supervise: string, entry: string): Buffer | null {
  const accepts = ({ uid, nlink }: Stats): boolean => uid === process.geteuid?.() && nlink === 1;
  try {
    return isOwnDirectory(supervise) ? readFile(`${supervise}/${entry}`, { accepts }) : null;
  } catch {
    return null;
  }
}

/** Reads `status` as {@link readOwnFile} does; null also where it is no status record. */
export function readOwnStatus(supervise: string): StatusRecord | null {
  const bytes = readOwnFile(supervise, "status");
  return bytes === null ? null : decodeStatus(bytes.subarray(0, statusLength));
}
