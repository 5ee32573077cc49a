import { closeSync } from "node:fs";

import { duplicateAbove } from "./descriptor.ts";

/**
 * Calls back once when a descriptor has become readable, whatever it is. Throws SystemError.
 *
 * The runtime has no such call. But it watches what it is told is a socket, and closes it when reading fails, as it does
 * here with ENOTSOCK as soon as there is something to read. It closes a copy, so this costs the caller nothing.
 */
export function onceReadable(fd: number, onReadable: () => void): void {
  const copy = duplicateAbove(fd, 3);
  const socket = { data: () => {}, close: onReadable };
  // @ts-expect-error -- the types know no descriptor here.
  Bun.connect({ fd: copy, socket }).catch(() => {
    closeSync(copy);
    setTimeout(onReadable, 50);
  });
}
