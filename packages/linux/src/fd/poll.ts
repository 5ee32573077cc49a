import { libc } from "#libc";

export const POLLIN = 1;
export const POLLOUT = 4;

/** Whether a descriptor is ready for one of the events now, or broken (poll(2)). */
export function isReadyFor(fd: number, events: number): boolean {
  const entry = new Uint8Array(8);
  const view = new DataView(entry.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, events, true);
  return libc.poll(entry, 1, 0) > 0;
}
