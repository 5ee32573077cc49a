import { Buffer } from "node:buffer";

import { libc } from "#libc";

const TIOCGWINSZ = 0x5413;
/** Where a terminal does not tell, as a serial line. */
const usualColumns = 80;

/** How wide a terminal is. The streams of the runtimes know, too, but they would make the descriptor non-blocking. */
export function columnsOf(fd: number): number {
  const size = Buffer.alloc(8);
  const columns = libc.ioctl(fd, TIOCGWINSZ, size) === 0 ? size.readUInt16LE(2) : 0;
  return columns === 0 ? usualColumns : columns;
}
