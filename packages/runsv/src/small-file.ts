import { closeSync, constants, openSync, readSync } from "node:fs";

/** Bytes; no file that we are meant to read is as large. */
const most = 65_536;

/**
 * The text of a small file, of which no more is read than that. Throws as node:fs does.
 *
 * Whatever stands in its place does not hold us up: a FIFO that nobody writes to is empty, one that somebody has open
 * is an error (EAGAIN).
 */
export function readSmallFile(path: string): string {
  // Non-blocking, for opening a FIFO waits for the other side.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(most);
    return bytes.toString("utf8", 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}
