import type { SystemError } from "@upkeep/linux/core/errno";

import { createWholeLineWriter, type WholeLineWriter, type WriterPorts } from "./whole-line-writer.ts";

/** Where lines behind a prefix go: mostly our standard output. */
export interface LineOutput {
  readonly fd: number;
  /** What messages call it, unless it is standard output. */
  readonly name?: string;
  /** See {@link createWholeLineWriter}. */
  readonly createWriter: (onProgress: () => void, onUnlockable: (error: SystemError) => void) => WholeLineWriter;
}

/** An output that only one service of this process writes to. */
export function lineOutput(fd: number, openLocks: WriterPorts["openLocks"], name?: string): LineOutput {
  const createWriter: LineOutput["createWriter"] = (onProgress, onUnlockable) =>
    createWholeLineWriter(fd, { onProgress, onUnlockable, openLocks });
  return name === undefined ? { fd, createWriter } : { fd, name, createWriter };
}

/** An output that many services of this process write to. They have one descriptor and one lock, and take turns. */
export function sharedLineOutput(fd: number, openLocks: WriterPorts["openLocks"]): LineOutput {
  /** Whose batch is being written. */
  let owner: object | null = null;
  const waiting = new Map<object, () => void>();
  const tellings = new Set<(error: SystemError) => void>();
  let onProgress = (): void => {};
  const writer = createWholeLineWriter(fd, {
    onProgress: () => onProgress(),
    onUnlockable: (error) => {
      for (const tell of tellings) tell(error);
    },
    openLocks,
  });

  const handOver = (): void => {
    owner = null;
    const [next] = waiting;
    if (next === undefined) return;
    waiting.delete(next[0]);
    setImmediate(next[1]);
  };

  const createWriter: LineOutput["createWriter"] = (onTurn, onUnlockable) => {
    const self = {};
    let bytes: Uint8Array | null = null;
    tellings.add(onUnlockable);
    const go = (): boolean => {
      if (bytes === null) return true;
      if (owner !== null && owner !== self) {
        waiting.set(self, onTurn);
        return false;
      }
      if (owner === null) writer.start(bytes);
      owner = self;
      onProgress = onTurn;
      if (!writer.go()) return false;
      bytes = null;
      handOver();
      return true;
    };
    return {
      start: (batch) => {
        bytes = batch;
      },
      go,
      drop: () => {
        bytes = null;
        waiting.delete(self);
        tellings.delete(onUnlockable);
        if (owner !== self) return;
        writer.drop();
        handOver();
      },
      unwritten: () => (owner === self ? writer.unwritten() : (bytes ?? new Uint8Array())),
    };
  };
  return { fd, createWriter };
}
