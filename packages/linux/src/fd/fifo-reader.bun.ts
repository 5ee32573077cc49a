import { closeSync } from "node:fs";

import type { FifoReader } from "./fifo-reader.ts";

/**
 * Calls `onBytes` with what arrives on `fd`, which must be non-blocking and open for writing as
 * well, so that it never ends. Takes the descriptor over. An error ends the reading and goes to
 * `onError`.
 */
export function readFifo(
  fd: number,
  onBytes: (bytes: Uint8Array) => void,
  onError: (error: unknown) => void,
): FifoReader {
  const reader = openReader(fd);
  let isOpen = true;
  const pump = async (): Promise<void> => {
    while (isOpen) {
      const { value, done } = await reader.read();
      if (!isOpen) return;
      if (value !== undefined && value.length > 0) onBytes(value);
      if (done) throw new Error("end of input");
    }
  };
  pump().catch((error: unknown) => {
    if (isOpen) onError(error);
  });
  return {
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      void reader.cancel().catch(() => {});
      closeQuietly(fd);
    },
  };
}

/** Bun makes a copy of the descriptor, for which there may be no room. */
function openReader(fd: number) {
  try {
    return Bun.file(fd).stream().getReader();
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/** Cancelling a stream may close its descriptor or not, depending on what it was doing. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Closed already.
  }
}
