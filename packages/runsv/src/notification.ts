import { closeSync } from "node:fs";

import { duplicateAbove } from "@upkeep/syscalls/descriptor";
import { createPipe } from "@upkeep/syscalls/pipe";
import { readAvailable, watchReadable } from "@upkeep/syscalls/readiness";

/** The pipe on which one start of `./run` tells that it is ready. */
export interface Notification {
  /** The end for the service, with a number above `fd`, close-on-exec. */
  readonly write: number;
  /** To be called once the service has its end, or never will: listens, or closes all. */
  started(onNewline: (() => void) | null): void;
  /** Listens no more. */
  close(): void;
}

const newline = 10;

/** Makes the pipe for the descriptor `fd` of a service (s6's protocol). Throws SystemError. */
export function openNotification(fd: number): Notification {
  const pipe = createPipe();
  const write = duplicateAbove(pipe.write, fd + 1);
  closeSync(pipe.write);
  let close = (): void => closeSync(pipe.read);
  return {
    write,
    started: (onNewline) => {
      closeSync(write);
      if (onNewline !== null) close = listen(pipe.read, onNewline);
      else close();
    },
    close: () => close(),
  };
}

/** Calls back at the first newline; the end of the input without one means nothing. */
function listen(fd: number, onNewline: () => void): () => void {
  const bytes = new Uint8Array(512);
  let isOpen = true;
  const readable = watchReadable(fd, () => look());
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    readable.close();
    closeSync(fd);
  };
  const look = (): void => {
    for (;;) {
      readable.wait();
      const count = readAvailable(fd, bytes);
      if (count === -1) return;
      if (count === 0) return close();
      if (bytes.subarray(0, count).includes(newline)) {
        close();
        return onNewline();
      }
    }
  };
  look();
  return close;
}
