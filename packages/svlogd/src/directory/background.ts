import { SystemError } from "@upkeep/linux/core/errno";

import type { CurrentFile } from "./current-file.ts";

/** Work that threads of the runtime do while logging goes on. */
export interface Background {
  /** Takes on work that has begun. If it rejects with a SystemError, that is told. */
  add(work: Promise<void>): void;
  /** Brings a log that has ended to the disk, and closes it. */
  syncAndClose(file: CurrentFile): void;
  isSyncing(): boolean;
  /** Resolves when no work is left. */
  idle(): Promise<void>;
}

export function createBackground(warn: (message: string) => void): Background {
  const unfinished = new Set<Promise<void>>();
  let isSyncing = false;

  const finish = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      warn(error.message);
    }
  };
  const add = (work: Promise<void>): void => {
    const finished = finish(work).finally(() => unfinished.delete(finished));
    unfinished.add(finished);
  };
  return {
    add,
    syncAndClose: (file) => {
      isSyncing = true;
      add(
        file.syncInBackground().finally(() => {
          isSyncing = false;
          file.close();
        }),
      );
    },
    isSyncing: () => isSyncing,
    idle: async () => {
      while (unfinished.size > 0) await Promise.all(unfinished);
    },
  };
}
