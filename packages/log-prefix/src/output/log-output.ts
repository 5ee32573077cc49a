import { closeSync } from "node:fs";

import { errno, SystemError } from "@upkeep/linux/core/errno";
import { enlargePipe } from "@upkeep/linux/fd/pipe";
import { readAvailable, watchReadable } from "@upkeep/linux/fd/readable";

import { createLineAssembler } from "../core/lines.ts";
import { createWholeLineWriter } from "./whole-line-writer.ts";

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
  /** What a process has written that is gone now is all that will come of its last line. */
  endLine(): void;
  /** Writes what is there, for at most a second. */
  close(): Promise<void>;
}

/** How much is read at a time, and before anything else gets its turn. */
const chunk = 131_072;
const turn = 1 << 20;
/** How much the FIFO holds, if the system allows: both sides need to be woken less often. */
const pipeSize = 1 << 18;
/** How long a line may be, without its end, to stay whole. */
const longestLine = 131_072;
/** How long the end of a line is waited for, in ms. */
const lineEndPause = 2000;
/** Until another try when reading or writing fails, and how long the end waits for a reader, in ms. */
const retryPause = 1000;
const closePause = 1000;

/**
 * Copies what is written to the FIFO to `fd`. While that takes nothing, nothing is read, and in the end the service
 * waits as it would without us. The FIFO is ours from now on.
 *
 * @param name what messages call it.
 */
export function openLogOutput(fifo: OutputFifo, name: string, fd: number, tell: (warning: string) => void): LogOutput {
  const input = fifo.reader;
  enlargePipe(input, pipeSize);
  const lines = createLineAssembler(chunk, longestLine);
  const said = new Set<string>();
  let isWriting = false;
  let endsLine = false;
  let isOverdue = false;
  let lineEnd: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;
  let onEmpty: (() => void) | null = null;

  /** Warns of each trouble once, until it is over. */
  const warn = (verb: string, error: unknown): void => {
    if (!(error instanceof SystemError)) throw error;
    const { message } = new SystemError(verb, error.errno);
    if (!said.has(message)) tell(message);
    said.add(message);
  };

  /** One timer for all: whoever ends meanwhile has us try again anyway. */
  const pumpLater = (): void => {
    clearTimeout(retry);
    retry = setTimeout(pump, retryPause);
  };

  /** Goes on with what is being written; true when nothing is. */
  const settleWriting = (): boolean => {
    if (!isWriting) return true;
    try {
      isWriting = !writer.go();
      if (!isWriting) said.clear();
    } catch (error) {
      warn("write to standard output", error);
      // With nobody left to read it a service without a prefix would end. Here it goes on, unheard.
      isWriting = (error as SystemError).errno !== errno.EPIPE;
      if (isWriting) pumpLater();
      else writer.drop();
    }
    return !isWriting;
  };

  const write = (batch: Uint8Array): boolean => {
    if (batch.length === 0) return true;
    writer.start(batch);
    isWriting = true;
    return settleWriting();
  };

  const endLine = (): void => {
    endsLine = true;
    pump();
  };

  /** The end of a line has not come for long: a prompt, or words before something that hangs. */
  const showUnfinished = (): void => {
    isOverdue = true;
    pump();
  };

  const read = (): number => {
    try {
      return readAvailable(input, lines.space());
    } catch (error) {
      warn(`read ${name}`, error);
      pumpLater();
      return -1;
    }
  };

  const pump = (): void => {
    if (!settleWriting()) return;
    for (let left = turn; left > 0;) {
      let count = read();
      if (count === -1) {
        arrival.wait();
        // What came before that is told by nobody.
        count = read();
      }
      if (count === -1) return becomeIdle();
      // It goes on; that we were held up is not its fault.
      isOverdue = false;
      left -= count;
      if (!write(lines.received(count))) return;
    }
    setImmediate(pump);
  };

  const becomeIdle = (): void => {
    clearTimeout(lineEnd);
    const [isEnd, isLate] = [endsLine, isOverdue];
    endsLine = isOverdue = false;
    if (isEnd || isLate) {
      if (!write(lines.flush(!isEnd))) return;
    } else if (lines.isMidLine()) {
      lineEnd = setTimeout(showUnfinished, lineEndPause);
    }
    onEmpty?.();
  };

  const onUnlockable = (error: SystemError): void => warn("lock standard output", error);
  const writer = createWholeLineWriter(fd, () => pump(), onUnlockable);
  const arrival = watchReadable(input, pump);
  arrival.wait();
  setImmediate(pump);

  return {
    setPrefix: (prefix) => lines.setPrefix(Buffer.from(prefix, "utf8")),
    endLine,
    close: async () => {
      await new Promise<void>((resolve) => {
        onEmpty = resolve;
        setTimeout(resolve, closePause);
        endLine();
      });
      arrival.cancel();
      closeSync(fifo.service);
    },
  };
}
