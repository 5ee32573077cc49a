import { libc } from "#libc";

import { SystemError } from "../core/errno.ts";

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;

/** The two ends of a pipe, as descriptors. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** Makes a pipe whose two ends are close-on-exec from birth (pipe2(2)). Throws {@link SystemError}. */
export function createPipe(): Pipe {
  const ends = new Int32Array(2);
  if (libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC) === -1) throw new SystemError("create pipe", libc.errno());
  const [read, write] = ends as unknown as [number, number];
  return { read, write };
}

/** Makes a pipe or FIFO hold at least so many bytes, if it is one and the system allows it (fcntl F_SETPIPE_SZ). */
export function enlargePipe(fd: number, size: number): void {
  const held = libc.fcntl(fd, F_GETPIPE_SZ, 0);
  if (held !== -1 && held < size) libc.fcntl(fd, F_SETPIPE_SZ, size);
}
