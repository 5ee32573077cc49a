import { libc } from "#libc";

import { SystemError } from "../core/errno.ts";

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** mmap returns -1 when it fails, which is the highest address. */
const lowestInvalid = 2 ** 63;

/** A file as memory. */
export interface Mapping {
  readonly memory: ArrayBuffer;
  /** Nobody may use the memory afterwards. */
  unmap(): void;
}

/**
 * Maps the first `size` bytes of a file that is open for reading and writing (mmap(2), shared). A store is in the file at
 * once, even if this process dies then. While it is mapped the file must have that many bytes, or a read kills the
 * process. Throws {@link SystemError}.
 */
export function mapShared(fd: number, size: number): Mapping {
  const address = Number(libc.mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  if (address >= lowestInvalid || address < 0) throw new SystemError(`map descriptor ${fd}`, libc.errno());
  return { memory: libc.view(address, size), unmap: () => void libc.munmap(address, size) };
}
