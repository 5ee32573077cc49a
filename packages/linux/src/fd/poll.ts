import { libc } from "#libc";

export const POLLIN = 1;
export const POLLOUT = 4;

/** Whether a descriptor is ready for one of the events now, or broken (poll(2)). */
export function isReadyFor(fd: number, events: number): boolean {
  return poll(fd, events) !== 0;
}

/** Whether a descriptor has bytes to read now. The end of its input, or an error, is none. */
export function hasBytes(fd: number): boolean {
  return (poll(fd, POLLIN) & POLLIN) !== 0;
}

/** A struct pollfd. It is read at once, so all calls share it. */
const entry = new Uint8Array(8);
const view = new DataView(entry.buffer);

/** Returns the events that have happened, broken descriptors included. */
function poll(fd: number, events: number): number {
  view.setInt32(0, fd, true);
  view.setInt16(4, events, true);
  return libc.poll(entry, 1, 0) > 0 ? view.getInt16(6, true) : 0;
}
