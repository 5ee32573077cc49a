import { closeSync } from "node:fs";

import { bytesOfName } from "@upkeep/linux/core/name-text";
import { enlargePipe } from "@upkeep/linux/fd/pipe";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";

import { createLineAssembler } from "../lines/line-assembler.ts";
import { createUnfinishedLine } from "../lines/unfinished-line.ts";
import type { OutputLocks } from "./output-lock.ts";
import { createBatchWriter, createTroubles } from "./batch-writer.ts";

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
  /** Writes what is there, for at most a second. */
  close(): Promise<void>;
}

export interface LogOutputPorts {
  readonly warn: (warning: string) => void;
  /** Is shown what the service has written; the bytes are valid until it returns. */
  readonly onRead: (bytes: Uint8Array) => void;
  /** Opens what all who write to the same output lock, see {@link OutputLocks}. */
  readonly openLocks: () => OutputLocks | null;
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
 * Copies what is written to the FIFO to `fd`. While `fd` takes nothing, nothing is read; when the FIFO is full, the
 * service waits as it would without us. The FIFO is ours from now on.
 *
 * @param name what messages call it.
 */
export function openLogOutput(fifo: OutputFifo, name: string, fd: number, ports: LogOutputPorts): LogOutput {
  const { warn, openLocks, onRead } = ports;
  const lines = createLineAssembler(chunk, longestLine);
  const troubles = createTroubles(warn);
  let retry: NodeJS.Timeout | undefined;
  let onEmpty = (): void => {};

  /** There is one timer for all troubles: a try is worth while for each of them. */
  const retryLater = (): void => {
    clearTimeout(retry);
    retry = setTimeout(pump, retryPause);
  };

  const pump = (): void => {
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
    setImmediate(pump);
  };

  const becomeIdle = (): void => {
    const reason = unfinished.atIdle(lines.isMidLine());
    if (reason !== null && !writer.write(lines.flush(reason === "late"))) return;
    onEmpty();
  };

  const writer = createBatchWriter(fd, { troubles, onProgress: () => pump(), retryLater, openLocks });
  const unfinished = createUnfinishedLine(() => pump());
  const reader = createReader(fifo, pump, (error) => {
    troubles.tell(`read ${name}`, error);
    retryLater();
  });
  setImmediate(pump);

  const endLine = (): void => {
    unfinished.end();
    pump();
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
      reader.close();
    },
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
      arrival.cancel();
      closeSync(fifo.service);
    },
  };
}
