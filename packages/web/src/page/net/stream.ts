import { createParser } from "eventsource-parser";

import { addressOf, messageOf } from "./api.ts";

/** What is told of a stream of server-sent events. */
export interface StreamListener {
  event(name: string, data: string): void;
  /** It has ended, by whomever but us. `status` is 0 where no server was reached, and 200 where it ended after its begin. */
  ended(status: number, reason: string): void;
}

/** A stream that can be ended, and that knows how far it was read. */
export interface Stream {
  close(): void;
  lastId(): string | null;
}

/**
 * Reads server-sent events. Not by `EventSource`, which tells no status, and tries again when it likes.
 *
 * @param lastId how far an earlier stream was read; null: from the begin.
 */
export function openStream(route: string, lastId: string | null, listener: StreamListener): Stream {
  const abort = new AbortController();
  let seen = lastId;
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      if (id !== undefined) seen = id;
      if (!abort.signal.aborted) listener.event(event ?? "message", data);
    },
  });
  const end = (status: number, reason: string): void => {
    if (!abort.signal.aborted) listener.ended(status, reason);
  };
  const read = async (): Promise<void> => {
    const headers = { Accept: "text/event-stream", ...(lastId === null ? {} : { "Last-Event-ID": lastId }) };
    const response = await fetch(addressOf(route), { headers, cache: "no-store", signal: abort.signal });
    if (!response.ok || response.body === null) {
      end(response.status, messageOf(await response.text()) ?? `the server says ${response.status}`);
      return;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) parser.feed(part.value);
    end(200, "the server has ended the connection");
  };
  read().catch(() => end(0, "the server does not answer"));
  return {
    close: () => abort.abort(),
    lastId: () => seen,
  };
}
