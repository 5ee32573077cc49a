import { Socket } from "node:net";

import type { FifoReader } from "./fifo-reader.ts";

/**
 * Calls `onBytes` with what arrives on `fd`, which must be non-blocking and open for writing as
 * well, so that it never ends. Takes the descriptor over. An error ends the reading and goes to
 * `onError`.
 *
 * A stream of `node:fs` would block a thread of the pool in read(2), and with it process.exit().
 */
export function readFifo(
  fd: number,
  onBytes: (bytes: Uint8Array) => void,
  onError: (error: unknown) => void,
): FifoReader {
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.on("data", onBytes);
  socket.on("error", onError);
  return {
    close: () => {
      socket.removeListener("error", onError);
      socket.on("error", () => {});
      socket.destroy();
    },
  };
}
