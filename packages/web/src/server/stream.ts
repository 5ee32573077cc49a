import type { ServerResponse } from "node:http";

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
  /** Ends it without waiting for the reader. */
  destroy(): void;
}

/** Makes a stream of an answer whose head is complete. */
export function streamOf(response: ServerResponse): Stream {
  let isReady = true;
  let isClosed = false;
  let waiting: (() => void)[] = [];
  let closing: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const act of woken) act();
  };
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    wake();
    for (const act of closing) act();
    closing = [];
  };
  response.on("drain", () => {
    isReady = true;
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
      isReady = response.write(text);
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
    destroy: () => void response.destroy(),
  };
}
