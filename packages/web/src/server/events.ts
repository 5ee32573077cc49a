import { beatMillis } from "../core/api.ts";
import { type Live, newsSince, notice, nothingYet } from "../core/live.ts";
import { encodeEvent, encodeRetry, eventId, revisionIn } from "../core/sse.ts";
import type { Directories } from "../look/directories.ts";
import type { Stream } from "./stream.ts";

/** Shows services as they change. While nobody looks, it does nothing and has no timer. */
export interface Events {
  /** What is there now. */
  current(): Live;
  /** Tells a reader what there is, and then what changes, until it goes. */
  follow(stream: Stream, lastEventId: string | null): void;
  /** How many follow. */
  readerCount(): number;
}

interface Reader {
  readonly stream: Stream;
  /** The last revision that it has been told of; null: none. */
  seen: number | null;
  /** When it was sent something last, in monotonic ms. */
  sentAt: number;
}

/** Milliseconds between two looks. They may take a small part of a processor: many services are looked at less often. */
const pause = { least: 250, most: 2000, factor: 50 } as const;
/** A look that is as young, in ms, counts as now. */
const youth = 200;
/** How soon a browser that was cut off comes back, in ms. */
const retry = 1000;

/** @param server names this process among all that have been at this address. */
export function createEvents(directories: Directories, mayControl: boolean, server: string): Events {
  const readers = new Set<Reader>();
  let live = nothingYet;
  let lookedAt = -Infinity;
  let tookMillis = 0;
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const before = process.cpuUsage();
    live = notice(live, directories.look());
    const { user, system } = process.cpuUsage(before);
    tookMillis = (user + system) / 1000;
    lookedAt = performance.now();
  };
  const current = (): Live => {
    if (performance.now() - lookedAt > youth) look();
    return live;
  };
  const again = (): void => {
    clearTimeout(timer);
    if (readers.size === 0) return;
    const millis = Math.min(pause.most, Math.max(pause.least, tookMillis * pause.factor));
    timer = setTimeout(() => {
      try {
        look();
        tellAll();
      } finally {
        again();
      }
    }, millis);
  };
  const tellAll = (): void => {
    // Mostly, all readers know the same.
    const texts = new Map<number | null, string>();
    for (const reader of readers) tell(reader, texts);
  };
  const textFor = (seen: number | null): string =>
    newsSince(live, seen, Date.now(), mayControl)
      .map(({ kind, data }) => encodeEvent(kind, data, eventId(server, live.revision)))
      .join("");
  const tell = (reader: Reader, texts: Map<number | null, string>): void => {
    const { stream, seen } = reader;
    const now = performance.now();
    if (!stream.isReady()) return;
    const text = texts.get(seen) ?? textFor(seen);
    texts.set(seen, text);
    reader.seen = live.revision;
    if (text !== "") stream.send(text);
    else if (now - reader.sentAt < beatMillis - pause.most) return;
    else stream.send(encodeEvent("beat", { time: new Date().toISOString() }, null));
    reader.sentAt = now;
  };

  return {
    current,
    readerCount: () => readers.size,
    follow: (stream, lastEventId) => {
      const seen = revisionIn(lastEventId, server);
      const reader: Reader = { stream, seen, sentAt: -Infinity };
      readers.add(reader);
      stream.onClose(() => {
        readers.delete(reader);
        if (readers.size === 0) clearTimeout(timer);
      });
      stream.send(encodeRetry(retry));
      current();
      tell(reader, new Map());
      if (readers.size === 1) again();
    },
  };
}
