import { fsync } from "node:fs";

import { SystemError } from "@upkeep/linux/core/errno";

/**
 * Brings a file to the disk in a thread: this takes the system so long that lines would have to wait.
 * Rejects with SystemError.
 */
export function syncInBackground(fd: number, operation: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(fd, (error) => {
      if (error === null) resolve();
      else reject(SystemError.from(operation, error));
    });
  });
}
