import type { ServerResponse } from "node:http";

/** A reader that is behind for so many ms has gone, and its connection does not know; or it only holds a place. */
const longestBehind = 60_000;

/** An answer that goes on for as long as somebody reads it. */
export interface Stream {
  /** Sends text. False: it is taken, but the reader is behind, and nothing more should be sent before it has caught up. */
  send(text: string | Uint8Array): boolean;
  /** Whether the reader has caught up. */
  isReady(): boolean;
  /** Waits until the reader has caught up; at once where it is. False: it has gone. */
  ready(): Promise<boolean>;
  readonly isClosed: boolean;
  /** Calls `act` once when the reader has gone. */
  onClose(act: () => void): void;
  end(): void;
}

/**
 * Makes a stream of an answer whose head is complete.
 *
 * @param patience ms until a reader that does not catch up is cut off.
 */
export function streamOf(response: ServerResponse, patience: number = longestBehind): Stream {
  let isReady = true;
  let isClosed = false;
  let waiting: (() => void)[] = [];
  let closing: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const act of woken) act();
  };
  const setReady = (isNow: boolean): void => {
    isReady = isNow;
    if (isReady) {
      clearTimeout(timer);
      timer = undefined;
    } else timer ??= setTimeout(() => response.destroy(), patience);
  };
  const close = (): void => {
    if (isClosed) return;
    clearTimeout(timer);
    isClosed = true;
    wake();
    for (const act of closing) act();
    closing = [];
  };
  response.on("drain", () => {
    setReady(true);
    wake();
  });
  response.on("close", close);
  response.on("error", close);
  return {
    get isClosed() {
      return isClosed;
    },
    send: (text) => {
      if (isClosed) return false;
      setReady(response.write(text));
      return isReady;
    },
    isReady: () => isReady && !isClosed,
    ready: async () => {
      if (!isReady && !isClosed) await new Promise<void>((resolve) => waiting.push(resolve));
      return !isClosed;
    },
    onClose: (act) => {
      if (isClosed) act();
      else closing.push(act);
    },
    end: () => void response.end(),
  };
}
