import { Socket } from "node:net";

import type { FifoReader } from "./fifo-reader.ts";

/**
 * Calls `onBytes` with what arrives on `fd`, and owns the descriptor from now on. It must be non-blocking, and somebody
 * must keep it open for writing, so that the input never ends. An error ends the reading and goes to `onError`.
 *
 * A stream of `node:fs` would block a thread of the pool in read(2), and process.exit() waits for those threads.
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
