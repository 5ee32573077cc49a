import { errno, SystemError } from "@upkeep/linux/core/errno";

import type { LineOutput } from "./line-output.ts";

/** Writes batches of whole lines one after the other. Trouble is told, and tried again. */
export interface BatchWriter {
  /** Writes a batch; true: it is written. If not, the bytes must stay as they are until {@link resume} returns true. */
  write(batch: Uint8Array): boolean;
  /** Goes on with the batch; true: it is written, or there is none. */
  resume(): boolean;
  /** Gives up what is not written. */
  close(): void;
  /** What is not written of the batch. */
  unwritten(): Uint8Array;
}

export interface BatchPorts {
  readonly troubles: Troubles;
  /** It is worth while to go on. */
  readonly onProgress: () => void;
  /** Has {@link BatchWriter.resume} called in a while. */
  readonly retryLater: () => void;
}

export function createBatchWriter(output: LineOutput, { troubles, onProgress, retryLater }: BatchPorts): BatchWriter {
  const { name = "standard output" } = output;
  const onUnlockable = (error: SystemError): void => troubles.tell(`lock ${name}`, error);
  const writer = output.createWriter(onProgress, onUnlockable);
  let isWriting = false;

  const resume = (): boolean => {
    if (!isWriting) return true;
    try {
      isWriting = !writer.go();
      if (!isWriting) troubles.clear();
    } catch (error) {
      troubles.tell(`write to ${name}`, error);
      // Without a prefix, a service whose reader is gone would end by SIGPIPE. Here it goes on, and its lines are lost.
      isWriting = (error as SystemError).errno !== errno.EPIPE;
      if (isWriting) retryLater();
      else writer.drop();
    }
    return !isWriting;
  };
  return {
    write: (batch) => {
      if (batch.length === 0) return true;
      writer.start(batch);
      isWriting = true;
      return resume();
    },
    resume,
    close: writer.drop,
    unwritten: () => (isWriting ? writer.unwritten() : new Uint8Array()),
  };
}

/** What is in the way, each told once until it is over. */
export interface Troubles {
  /** Tells that something could not be done. An error that is no SystemError is thrown on. */
  tell(operation: string, error: unknown): void;
  /** Forgets all: it is over. */
  clear(): void;
}

export function createTroubles(warn: (warning: string) => void): Troubles {
  const told = new Set<string>();
  return {
    tell: (operation, error) => {
      if (!(error instanceof SystemError)) throw error;
      const { message } = new SystemError(operation, error.errno);
      if (!told.has(message)) warn(message);
      told.add(message);
    },
    clear: () => told.clear(),
  };
}
