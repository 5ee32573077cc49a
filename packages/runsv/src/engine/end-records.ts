import { decodeHistory, encodeHistory, type RecordedEnd } from "@upkeep/supervise/core/history";
import { SystemError } from "@upkeep/linux/core/errno";

import { none } from "../core/none.ts";
import type { SlotName } from "../core/slot.ts";
import type { ServiceOutput } from "./output.ts";
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
  /** What knows what the service wrote last. */
  readonly output: Pick<ServiceOutput, "lastWords">;
}

/**
 * The files are written when the engine has nothing else to do, so no start waits for them. Ends are kept on disk only: a
 * `runsv` in memory holds none. A failure to write is not told: the publisher, which writes to the same directory, tells it.
 */
export function createEndRecords(ports: EndRecordsPorts): EndRecords {
  return new WaitingRecords(ports);
}

class WaitingRecords implements EndRecords {
  readonly #ports: EndRecordsPorts;
  /** Writes that wait. */
  #waiting: readonly (() => void)[] = none;

  constructor(ports: EndRecordsPorts) {
    this.#ports = ports;
  }

  record(slot: SlotName, end: RecordedEnd, keepsWords: boolean): void {
    const { service, log, output } = this.#ports;
    const files = slot === "log" ? log : service;
    if (files === null) return;
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    const words = keepsWords && slot === "service" ? output.lastWords() : null;
    const write = (): void => {
      if (words !== null) files.replace("last-words", words, 0o600);
      const before = files.read("history.json");
      files.replace("history.json", encodeHistory(before === null ? [end] : [end, ...decodeHistory(before)]));
    };
    this.#waiting = [...this.#waiting, write];
  }

  flush(): void {
    const writes = this.#waiting;
    this.#waiting = none;
    for (const write of writes) {
      try {
        write();
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
      }
    }
  }
}
