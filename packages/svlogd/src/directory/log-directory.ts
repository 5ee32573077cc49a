import type { Channel } from "../lines/channel.ts";
import type { LineReceiver } from "../lines/splitter.ts";
import { createSuccession, type LogPorts } from "./succession.ts";

/** Somewhere that lines are logged to. Nothing of it throws: trouble is told, and what it concerns is tried again. */
export interface Log extends LineReceiver {
  /** Opens it; or, when it is open, closes it, reads its settings and opens it again. False: it cannot be used. */
  open(): boolean;
  rotate(): void;
  /** All lines of a read have been handed over. */
  endBatch(): void;
  /** How many bytes wait to be written. */
  backlog(): number;
  /** Whether so much waits that nothing more may be read. */
  isFull(): boolean;
  /**
   * Closes it, and lets its processor come to an end. What cannot be written is waited for; with `isUrgent` it is
   * tried only once more. A second, urgent call hurries the first.
   */
  close(isUrgent: boolean): Promise<void>;
}

/** How many bytes may wait for a log that cannot be written to before nothing more is read. */
export const mostWaiting: number = 1024 * 1024;

/** Makes the log of the directory at `name`; nothing is opened yet. */
export function createLogDirectory(name: string, ports: LogPorts): Log {
  let isInBatch = false;
  let isClosing = false;

  /** Logs that a line could not be sent. */
  const onUnsent = (what: string, line: Buffer): void => {
    if (succession.current() === null) return;
    const text = Buffer.concat([Buffer.from(`warning: ${what}: `), line]);
    overflow.write(text, 0, text.length);
    if (!isInBatch) succession.settle();
  };
  const succession = createSuccession(name, ports, onUnsent);
  const { outlet, overflow } = succession;

  const receive = (): Channel | null => {
    isInBatch = true;
    const log = succession.current();
    return log === null || log.progress.isPassedOver() ? null : log.channel;
  };
  return {
    open: succession.open,
    rotate: () => outlet.follow(["rotate"]),
    lines: (bytes, from, to, times) => receive()?.lines(bytes, from, to, times),
    longLine: (bytes, from, to, time) => receive()?.longLine(bytes, from, to, time),
    more: (bytes, from, to, isEnd) => receive()?.more(bytes, from, to, isEnd),
    endBatch: () => {
      const log = succession.current();
      if (log !== null && isInBatch && log.writer.size() > 0) log.age.arm();
      isInBatch = false;
      succession.settle();
      log?.lastLine.write();
    },
    backlog: outlet.backlog,
    isFull: () => !overflow.isLossy() && outlet.backlog() > mostWaiting,
    close: async (isUrgent) => {
      const isFirst = !isClosing;
      isClosing = true;
      await outlet.drained(isUrgent);
      const log = succession.current();
      if (!isFirst || log === null) return;
      await log.stop();
      await succession.release(log, !isUrgent);
    },
  };
}
