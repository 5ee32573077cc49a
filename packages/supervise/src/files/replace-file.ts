import { closeSync } from "node:fs";

import { AT_FDCWD, openFreshAt, pathBytes, renameAt, writeWhole, type PathBytes } from "@upkeep/linux/fd/at";

/** The paths by which a file is replaced. They are made once where many directories have a file of that name. */
export interface ReplacedPaths {
  readonly path: PathBytes;
  /** `FILE.new`. */
  readonly fresh: PathBytes;
  /** The name of the latter alone. */
  readonly freshName: string;
}

export function replacedPaths(path: string): ReplacedPaths {
  const fresh = `${path}.new`;
  return { path: pathBytes(path), fresh: pathBytes(fresh), freshName: fresh.slice(fresh.lastIndexOf("/") + 1) };
}

/**
 * Replaces a file as a whole: writes `FILE.new` (with `mode` less the umask) and renames it. A reader, also after a crash at any
 * moment, finds the old content or the new one, never half of it.
 *
 * @param name what messages call it: `supervise/pid`. Throws SystemError in runit's words: `unable to open
 * supervise/pid.new: file does not exist`.
 */
export function replaceFile(path: string, name: string, content: Uint8Array | string, mode = 0o644): void {
  replaceFileAt(AT_FDCWD, replacedPaths(path), name, content, mode);
}

/** As {@link replaceFile}, by an open directory and the paths from there. */
export function replaceFileAt(
  directory: number,
  { path, fresh, freshName }: ReplacedPaths,
  name: string,
  content: Uint8Array | string,
  mode = 0o644,
): void {
  const fd = openFreshAt(directory, fresh, `open ${name}.new`, mode);
  try {
    writeWhole(fd, content, `write ${name}.new`);
  } finally {
    closeSync(fd);
  }
  renameAt(directory, fresh, path, `rename ${freshName} to ${name}`);
}
