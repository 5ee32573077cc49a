import { SystemError } from "@upkeep/linux/core/errno";

/** Work that threads of the runtime do while logging goes on. */
export interface Background {
  /** Lets work that has been begun come to its end. A SystemError that it rejects with is told. */
  add(work: Promise<void>): void;
  /** Resolves when none is left. */
  idle(): Promise<void>;
}

export function createBackground(warn: (message: string) => void): Background {
  const unfinished = new Set<Promise<void>>();

  const finish = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      warn(error.message);
    }
  };
  return {
    add: (work) => {
      const finished = finish(work).finally(() => unfinished.delete(finished));
      unfinished.add(finished);
    },
    idle: async () => {
      while (unfinished.size > 0) await Promise.all(unfinished);
    },
  };
}
