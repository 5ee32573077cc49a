import { readSync } from "node:fs";

import { withFile } from "@upkeep/linux/fd/files";

/** Bytes; no file that we are meant to read is as large. */
const most = 65_536;

/**
 * The text of a small file, of which no more is read than that. Throws as node:fs does.
 *
 * Whatever stands in its place does not hold us up, see {@link withFile}.
 */
export function readSmallFile(path: string): string {
  const bytes = Buffer.alloc(most);
  return withFile(path, (fd) => bytes.toString("utf8", 0, readSync(fd, bytes)));
}
