import { readSync } from "node:fs";

import { withFile } from "@upkeep/linux/fd/files";

/** Bytes: larger than any file that is meant for us. */
const most = 65_536;

/**
 * The text of a small file, 64 KiB at most. Throws as node:fs does. It does not block, see {@link withFile}.
 */
export function readSmallFile(path: string): string {
  const bytes = Buffer.alloc(most);
  return withFile(path, (fd) => bytes.toString("utf8", 0, readSync(fd, bytes)));
}
