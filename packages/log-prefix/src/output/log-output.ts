import { closeSync } from "node:fs";

import { bytesOfName } from "@upkeep/linux/core/name-text";
import { enlargePipe } from "@upkeep/linux/fd/pipe";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";

import { createLineAssembler } from "../lines/line-assembler.ts";
import { createWholeBytes } from "../lines/whole-bytes.ts";
import { createUnfinishedLine } from "../lines/unfinished-line.ts";
import { createBatchWriter, createTroubles } from "./batch-writer.ts";
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
export function openLogOutput(
  fifo: OutputFifo,
  name: string,
  output: LineOutput,
  { warn, onRead, contain = (action) => action, isRaw = false, resumed = null }: LogOutputPorts,
): LogOutput {
  const lines = isRaw ? createWholeBytes(chunk) : createLineAssembler(chunk, longestLine);
  const troubles = createTroubles(warn);
  let retry: NodeJS.Timeout | undefined;
  let onEmpty = (): void => {};
  let isClosed = false;
  const again = contain(() => pump());

  /** There is one timer for all troubles: a try is worth while for each of them. */
  const retryLater = (): void => {
    clearTimeout(retry);
    retry = setTimeout(again, retryPause);
  };

  const pump = (): void => {
    if (isClosed) return;
    if (!writer.resume()) return;
    for (let left = turn; left > 0;) {
      const space = lines.space();
      const count = reader.read(space);
      if (count === -1) return becomeIdle();
      unfinished.extend();
      left -= count;
      onRead(space.subarray(0, count));
      if (!writer.write(lines.received(count))) return;
    }
    setImmediate(again);
  };

  const becomeIdle = (): void => {
    const reason = unfinished.atIdle(lines.isMidLine());
    if (reason !== null && !writer.write(lines.flush(reason === "late"))) return;
    onEmpty();
  };

  const writer = createBatchWriter(output, { troubles, onProgress: again, retryLater });
  const unfinished = createUnfinishedLine(again);
  const reader = createReader(fifo, again, (error) => {
    troubles.tell(`read ${name}`, error);
    retryLater();
  });
  if (resumed !== null) {
    lines.space().set(resumed.unfinished);
    lines.received(resumed.unfinished.length);
  }
  const begin = (): void => {
    if (!isClosed && (resumed === null || writer.write(resumed.lines))) pump();
  };
  setImmediate(contain(begin));

  const endLine = (): void => {
    unfinished.end();
    pump();
  };
  const abandon = (): void => {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(retry);
    unfinished.close();
    writer.close();
    reader.close();
  };
  return {
    setPrefix: (prefix) => lines.setPrefix(bytesOfName(prefix)),
    endLine,
    close: async () => {
      await new Promise<void>((resolve) => {
        onEmpty = resolve;
        setTimeout(resolve, closePause);
        endLine();
      });
      abandon();
    },
    abandon,
    unwritten: () => ({ lines: writer.unwritten(), unfinished: lines.unfinished() }),
  };
}

/** Reads what the service has written. */
interface Reader {
  /** Returns how many bytes; -1 when there is nothing, or reading fails. Then it calls back when there is more. */
  read(space: Uint8Array): number;
  close(): void;
}

function createReader(fifo: OutputFifo, onReadable: () => void, onError: (error: unknown) => void): Reader {
  enlargePipe(fifo.reader, pipeSize);
  const arrival = watchReadable(fifo.reader, onReadable);
  arrival.wait();

  const tryOnce = (space: Uint8Array): number => {
    try {
      return readAvailable(fifo.reader, space);
    } catch (error) {
      onError(error);
      return -1;
    }
  };
  return {
    read: (space) => {
      const count = tryOnce(space);
      if (count !== -1) return count;
      arrival.wait();
      // Nothing tells of bytes that came before that, so there is another try.
      return tryOnce(space);
    },
    close: () => {
      arrival.close();
      closeSync(fifo.service);
      closeSync(fifo.reader);
    },
  };
}
