import { errno, SystemError } from "@upkeep/linux/core/errno";

import type { LineOutput } from "./line-output.ts";
import type { WholeLineWriter } from "./whole-line-writer.ts";

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
  onProgress(): void;
  /** Has {@link BatchWriter.resume} called in a while. */
  retryLater(): void;
}

export function createBatchWriter(output: LineOutput, ports: BatchPorts): BatchWriter {
  return new PatientWriter(output, ports);
}

class PatientWriter implements BatchWriter {
  readonly #name: string;
  readonly #ports: BatchPorts;
  readonly #writer: WholeLineWriter;
  #isWriting = false;

  constructor(output: LineOutput, ports: BatchPorts) {
    this.#name = output.name ?? "standard output";
    this.#ports = ports;
    this.#writer = output.createWriter(
      () => ports.onProgress(),
      (error) => ports.troubles.tell(`lock ${this.#name}`, error),
    );
  }

  write(batch: Uint8Array): boolean {
    if (batch.length === 0) return true;
    this.#writer.start(batch);
    this.#isWriting = true;
    return this.resume();
  }

  resume(): boolean {
    if (!this.#isWriting) return true;
    const { troubles } = this.#ports;
    try {
      this.#isWriting = !this.#writer.go();
      if (!this.#isWriting) troubles.clear();
    } catch (error) {
      troubles.tell(`write to ${this.#name}`, error);
      // Without a prefix, a service whose reader is gone would end by SIGPIPE. Here it goes on, and its lines are lost.
      this.#isWriting = (error as SystemError).errno !== errno.EPIPE;
      if (this.#isWriting) this.#ports.retryLater();
      else this.#writer.drop();
    }
    return !this.#isWriting;
  }

  close(): void {
    this.#writer.drop();
  }

  unwritten(): Uint8Array {
    return this.#isWriting ? this.#writer.unwritten() : new Uint8Array();
  }
}

/** What is in the way, each told once until it is over. */
export class Troubles {
  readonly #warn: (warning: string) => void;
  readonly #told = new Set<string>();

  constructor(warn: (warning: string) => void) {
    this.#warn = warn;
  }

  /** Tells that something could not be done. An error that is no SystemError is thrown on. */
  tell(operation: string, error: unknown): void {
    if (!(error instanceof SystemError)) throw error;
    const { message } = new SystemError(operation, error.errno);
    if (!this.#told.has(message)) this.#warn(message);
    this.#told.add(message);
  }

  /** Forgets all: it is over. */
  clear(): void {
    this.#told.clear();
  }
}
