import { bytesOf, textOf } from "@upkeep/linux/core/byte-text";
import { SystemError } from "@upkeep/linux/core/errno";
import { readAvailable, type Readiness, watchReadable } from "@upkeep/linux/fd/readable";

import { parseMessage, renderLine } from "./core/message.ts";

/** Reads a socket for as long as the process lives. */
export interface Reader {
  /** Reads what is there, and later what arrives. */
  read(): void;
  /** Reads what is there now, and no more: programs that go on sending must not hold up the end. */
  drain(): void;
}

/** Where the lines go. */
export interface Sink {
  /** Whether a line can come. Nothing is read before: whoever sends must wait, and what is not read is not lost. */
  hasRoom(): boolean;
  write(line: Uint8Array): void;
  watchRoom(onRoom: () => void): Readiness;
}

/** More than any datagram that a Unix socket takes by default. */
const largest = 256 * 1024;
/** How many messages are read before signals and timers have their turn. */
const messagesATurn = 64;
/** More messages than a socket holds by default (net.unix.max_dgram_qlen): the last ones that are read. */
const messagesAtEnd = 4096;
/** Milliseconds until a read that failed is tried again. */
const retryPause = 1000;

/** @param fd a datagram socket that does not block. @param sink gets one line for each message. */
export function createReader(fd: number, sink: Sink, warn: (message: string) => void): Reader {
  const bytes = new Uint8Array(largest);

  /** Returns whether there was a message. An empty one counts: datagram sockets have no end of input. */
  const readOne = (): boolean => {
    const count = readAvailable(fd, bytes);
    if (count < 0) return false;
    const message = parseMessage(textOf(bytes.subarray(0, count)));
    // One write for each message: others write to the same pipe, where only one write of up to 4 KiB stays whole.
    sink.write(bytesOf(renderLine(message)));
    return true;
  };

  /** False: it calls back when there is room. Nothing tells of room that came before, so there is another try. */
  const isRoomNow = (): boolean => {
    if (sink.hasRoom()) return true;
    room.wait();
    if (!sink.hasRoom()) return false;
    room.cancel();
    return true;
  };

  const read = (): void => {
    try {
      for (let left = messagesATurn; left > 0; left--) {
        if (!isRoomNow()) return;
        if (readOne()) continue;
        // A message that arrived just before the wait does not end it, so we try once more.
        readiness.wait();
        if (!readOne()) return;
        readiness.cancel();
      }
      setImmediate(read);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      warn(error.message);
      setTimeout(read, retryPause);
    }
  };

  const drain = (): void => {
    try {
      for (let left = messagesAtEnd; left > 0 && sink.hasRoom() && readOne();) left--;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  };

  const readiness = watchReadable(fd, read);
  const room = sink.watchRoom(read);
  return { read, drain };
}
