import { closeSync } from "node:fs";

import type { FifoReader } from "./fifo-reader.ts";

/**
 * Calls `onBytes` with what arrives on `fd`, and owns the descriptor from now on. It must be non-blocking, and somebody
 * must keep it open for writing, so that the input never ends. An error ends the reading and goes to `onError`.
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

/** Bun makes a copy of the descriptor, which can fail at the limit of open files. */
function openReader(fd: number) {
  try {
    return Bun.file(fd).stream().getReader();
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/** Cancelling a stream closes its descriptor or not, depending on what it was doing. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Closed already.
  }
}
