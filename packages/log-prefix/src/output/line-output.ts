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
  const turns = new Turns(fd, openLocks);
  return { fd, createWriter: (onTurn, onUnlockable) => new WriterInTurn(turns, onTurn, onUnlockable) };
}

/** Whose turn it is to write to an output. */
class Turns {
  readonly writer: WholeLineWriter;
  /** All who may want a turn. */
  readonly writers = new Set<WriterInTurn>();
  readonly waiting = new Set<WriterInTurn>();
  /** Whose batch is being written. */
  owner: WriterInTurn | null = null;

  constructor(fd: number, openLocks: WriterPorts["openLocks"]) {
    this.writer = createWholeLineWriter(fd, {
      onProgress: () => this.owner?.onTurn(),
      onUnlockable: (error) => {
        for (const one of this.writers) one.onUnlockable(error);
      },
      openLocks,
    });
  }

  handOver(): void {
    this.owner = null;
    const [next] = this.waiting;
    if (next === undefined) return;
    this.waiting.delete(next);
    setImmediate(next.onTurn);
  }
}

class WriterInTurn implements WholeLineWriter {
  readonly onTurn: () => void;
  readonly onUnlockable: (error: SystemError) => void;
  readonly #turns: Turns;
  #bytes: Uint8Array | null = null;

  constructor(turns: Turns, onTurn: () => void, onUnlockable: (error: SystemError) => void) {
    this.#turns = turns;
    this.onTurn = onTurn;
    this.onUnlockable = onUnlockable;
    turns.writers.add(this);
  }

  start(batch: Uint8Array): void {
    this.#bytes = batch;
  }

  go(): boolean {
    if (this.#bytes === null) return true;
    const { owner, waiting, writer } = this.#turns;
    if (owner !== null && owner !== this) {
      waiting.add(this);
      return false;
    }
    if (owner === null) writer.start(this.#bytes);
    this.#turns.owner = this;
    if (!writer.go()) return false;
    this.#bytes = null;
    this.#turns.handOver();
    return true;
  }

  drop(): void {
    this.#bytes = null;
    this.#turns.waiting.delete(this);
    this.#turns.writers.delete(this);
    if (this.#turns.owner !== this) return;
    this.#turns.writer.drop();
    this.#turns.handOver();
  }

  unwritten(): Uint8Array {
    return this.#turns.owner === this ? this.#turns.writer.unwritten() : (this.#bytes ?? new Uint8Array());
  }
}
