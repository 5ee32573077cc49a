import { closeSync } from "node:fs";

import { bytesOfName } from "@upkeep/linux/core/name-text";
import { enlargePipe } from "@upkeep/linux/fd/pipe";
import { readAvailable, watchReadable, type Watch } from "@upkeep/linux/fd/readable";

import { createLineAssembler, type LineAssembler } from "../lines/line-assembler.ts";
import { createWholeBytes } from "../lines/whole-bytes.ts";
import { createUnfinishedLine, type UnfinishedLine } from "../lines/unfinished-line.ts";
import { createBatchWriter, Troubles, type BatchPorts, type BatchWriter } from "./batch-writer.ts";
import type { LineOutput } from "./line-output.ts";

export type { LineOutput } from "./line-output.ts";

/** Both ends of the FIFO that a service writes to. */
export interface OutputFifo {
  /** Non-blocking: what is written to it is read here. */
  readonly reader: number;
  /** For the standard output and error of children. */
  readonly service: number;
}

/** What a service without a log service writes, on its way to our standard output, line by line behind a prefix. */
export interface LogOutput {
  setPrefix(prefix: string): void;
  /** The process that has written so far is gone: its last line gets no end any more. */
  endLine(): void;
  /** Writes what is there, for at most a second, and closes all. */
  close(): Promise<void>;
  /** Closes all at once. What has not been written waits in the FIFO for a successor. */
  abandon(): void;
  /** What has been read and not written; valid until anything else is done. */
  unwritten(): Unwritten;
}

/** What is on its way. */
export interface Unwritten {
  /** Whole lines with their prefix, perhaps without the beginning of the first one. */
  readonly lines: Uint8Array;
  /** The beginning of a line, without a prefix. */
  readonly unfinished: Uint8Array;
}

export interface LogOutputPorts {
  readonly warn: (warning: string) => void;
  /** Is shown what the service has written; the bytes are valid until it returns. */
  readonly onRead: (bytes: Uint8Array) => void;
  /** Wraps what is called back later. */
  readonly contain?: (action: () => void) => () => void;
  /** Whether bytes go on as they come, without a prefix. */
  readonly isRaw?: boolean;
  /** What the output before this one has not written. */
  readonly resumed?: Unwritten | null;
}

/** How much is read at a time, and before anything else gets its turn. */
const chunk = 131_072;
const turn = 1 << 20;
/** How much the FIFO holds, if the system allows. The more it holds, the less often both sides are woken. */
const pipeSize = 1 << 18;
/** How long a line may be, without its end, to stay whole. */
const longestLine = 131_072;
/** Until another try when reading or writing fails, and how long the end waits for a reader, in ms. */
const retryPause = 1000;
const closePause = 1000;

/**
 * Copies what is written to the FIFO to `output`. While that takes nothing, nothing is read; when the FIFO is full, the
 * service waits as it would without us. The FIFO is ours from now on.
 *
 * @param name what messages call it.
 */
export function openLogOutput(fifo: OutputFifo, name: string, output: LineOutput, ports: LogOutputPorts): LogOutput {
  return new FifoOutput(fifo, name, output, ports);
}

class FifoOutput implements LogOutput, BatchPorts {
  readonly troubles: Troubles;
  readonly #fifo: OutputFifo;
  readonly #name: string;
  readonly #onRead: LogOutputPorts["onRead"];
  readonly #lines: LineAssembler;
  readonly #writer: BatchWriter;
  readonly #unfinished: UnfinishedLine;
  /** Tells when the service has written something. */
  readonly #arrival: Watch;
  /** Goes on with what can be done now. */
  readonly #again: () => void;
  #retry: NodeJS.Timeout | undefined;
  /** Null unless the end waits for the last bytes. */
  #onEmpty: (() => void) | null = null;
  #isClosed = false;

  constructor(fifo: OutputFifo, name: string, output: LineOutput, ports: LogOutputPorts) {
    const { contain = (action) => action, isRaw = false, resumed = null } = ports;
    this.troubles = new Troubles(ports.warn);
    this.#fifo = fifo;
    this.#name = name;
    this.#onRead = ports.onRead;
    this.#lines = isRaw ? createWholeBytes(chunk) : createLineAssembler(chunk, longestLine);
    this.#again = contain(() => this.#pump());
    this.#writer = createBatchWriter(output, this);
    this.#unfinished = createUnfinishedLine(this.#again);
    enlargePipe(fifo.reader, pipeSize);
    this.#arrival = watchReadable(fifo.reader, this.#again);
    this.#arrival.wait();
    if (resumed !== null) {
      this.#lines.space().set(resumed.unfinished);
      this.#lines.received(resumed.unfinished.length);
    }
    setImmediate(contain(() => this.#begin(resumed)));
  }

  setPrefix(prefix: string): void {
    this.#lines.setPrefix(bytesOfName(prefix));
  }

  endLine(): void {
    this.#unfinished.end();
    this.#pump();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      setTimeout(resolve, closePause);
      this.endLine();
    });
    this.abandon();
  }

  abandon(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#unfinished.close();
    this.#writer.close();
    this.#arrival.close();
    closeSync(this.#fifo.service);
    closeSync(this.#fifo.reader);
  }

  unwritten(): Unwritten {
    return { lines: this.#writer.unwritten(), unfinished: this.#lines.unfinished() };
  }

  onProgress(): void {
    this.#again();
  }

  /** There is one timer for all troubles: a try is worth while for each of them. */
  retryLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(this.#again, retryPause);
  }

  #begin(resumed: Unwritten | null): void {
    if (!this.#isClosed && (resumed === null || this.#writer.write(resumed.lines))) this.#pump();
  }

  #pump(): void {
    if (this.#isClosed) return;
    if (!this.#writer.resume()) return;
    for (let left = turn; left > 0;) {
      const space = this.#lines.space();
      const count = this.#read(space);
      if (count === -1) return this.#becomeIdle();
      this.#unfinished.extend();
      left -= count;
      this.#onRead(space.subarray(0, count));
      if (!this.#writer.write(this.#lines.received(count))) return;
    }
    setImmediate(this.#again);
  }

  #becomeIdle(): void {
    const reason = this.#unfinished.atIdle(this.#lines.isMidLine());
    if (reason !== null && !this.#writer.write(this.#lines.flush(reason === "late"))) return;
    this.#onEmpty?.();
  }

  /** Returns how many bytes; -1 when there is nothing, or reading fails. Then we are woken when there is more. */
  #read(space: Uint8Array): number {
    const count = this.#tryToRead(space);
    if (count !== -1) return count;
    this.#arrival.wait();
    // Nothing tells of bytes that came before that, so there is another try.
    return this.#tryToRead(space);
  }

  #tryToRead(space: Uint8Array): number {
    try {
      return readAvailable(this.#fifo.reader, space);
    } catch (error) {
      this.troubles.tell(`read ${this.#name}`, error);
      this.retryLater();
      return -1;
    }
  }
}
