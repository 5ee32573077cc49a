import { decodeHistory, encodeHistory, type RecordedEnd } from "@upkeep/supervise/core/history";
import { SystemError } from "@upkeep/linux/core/errno";

import type { SlotName } from "../core/slot.ts";
import type { SuperviseFiles } from "./supervise-files.ts";

/** Keeps `history.json` and `last-words`, for whoever asks later how starts have ended. */
export interface EndRecords {
  record(slot: SlotName, end: RecordedEnd, keepsWords: boolean): void;
  /** Writes what is still to be written. */
  flush(): void;
}

/** What the records need. */
export interface EndRecordsPorts {
  readonly service: Pick<SuperviseFiles, "read" | "replace">;
  readonly log: Pick<SuperviseFiles, "read" | "replace"> | null;
  /** What the service wrote last; null where that goes past us, or is nothing. */
  readonly lastWords: () => Uint8Array | null;
}

/**
 * The files are written when the engine has nothing else to do, so no start waits for them. Ends are kept on disk only: a
 * `runsv` in memory holds none. A failure to write is not told: the publisher, which writes to the same directory, tells it.
 */
export function createEndRecords({ service, log, lastWords }: EndRecordsPorts): EndRecords {
  let waiting: (() => void)[] = [];

  const flush = (): void => {
    const writes = waiting;
    waiting = [];
    for (const write of writes) {
      try {
        write();
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
      }
    }
  };

  return {
    flush,
    record: (slot, end, keepsWords) => {
      const files = slot === "log" ? log : service;
      if (files === null) return;
      if (waiting.length === 0) setImmediate(flush);
      const words = keepsWords && slot === "service" ? lastWords() : null;
      waiting.push(() => {
        if (words !== null) files.replace("last-words", words, 0o600);
        const before = files.read("history.json");
        files.replace("history.json", encodeHistory(before === null ? [end] : [end, ...decodeHistory(before)]));
      });
    },
  };
}
