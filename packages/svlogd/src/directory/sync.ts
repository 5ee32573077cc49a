import { fsync } from "node:fs";

import { SystemError } from "@upkeep/linux/core/errno";

/** Brings a file to the disk by a thread, as that takes the system long enough for lines to wait. Rejects with SystemError. */
export function syncInBackground(fd: number, operation: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(fd, (error) => {
      if (error === null) resolve();
      else reject(SystemError.from(operation, error));
    });
  });
}
