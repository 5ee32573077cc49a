import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createChildren, type Children } from "@upkeep/linux/exec/children";
import type { StampStyle } from "../../src/core/stamp.ts";
import { replacementTable } from "../../src/lines/replace.ts";
import type { LineSettings } from "../../src/lines/channel.ts";
import type { LogPorts } from "../../src/directory/succession.ts";
import type { JournalKeeper } from "../../src/journal/journal-keeper.ts";
import { createPlainJournal } from "../../src/journal/journal.ts";
import { openCurrent } from "../../src/directory/current-file.ts";
import { createLogDirectory, type Log } from "../../src/directory/log-directory.ts";
import type { Messages } from "../../src/messages.ts";
import { createSplitter } from "../../src/lines/splitter.ts";

export interface FeederOptions {
  readonly config?: string;
  readonly lineLength?: number;
  readonly stamp?: StampStyle;
  readonly replacement?: number;
  /** Opens `current`, which may fail, or be a file whose calls fail. */
  readonly openFile?: typeof openCurrent;
}

/** A log directory in this process, with all that is between it and the input. */
export interface Feeder {
  readonly path: string;
  readonly log: Log;
  readonly children: Children;
  /** What was said, with its severity. */
  readonly said: readonly string[];
  /** Hands input over in one read. */
  feed(input: string | Uint8Array): void;
  /** The input ends. */
  end(): Promise<void>;
}

export function createFeeder(path: string, options: FeederOptions = {}): Feeder {
  const { config, lineLength = 1000, stamp = 0, replacement = null, openFile = openCurrent } = options;
  mkdirSync(path, { recursive: true });
  if (config !== undefined) writeFileSync(join(path, "config"), config);
  const said: string[] = [];
  const say = (severity: string) => (message: string) => void said.push(`${severity}: ${message}`);
  const messages: Messages = {
    fatal: say("fatal"),
    warning: say("warning"),
    pausing: say("pausing"),
    info: say("info"),
  };
  const ports = logPorts(messages, { stamp, lineLength });
  const { children } = ports;
  const log = createLogDirectory(path, { ...ports, openFile });
  const chunk = 4096;
  const table = replacementTable(replacement, new Uint8Array());
  const splitter = createSplitter(log, { lineLength, table, chunk });
  return {
    path,
    log,
    children,
    said,
    feed: (input) => {
      const bytes = typeof input === "string" ? Buffer.from(input) : input;
      for (let at = 0; at < bytes.length; at += chunk) {
        const part = bytes.subarray(at, at + chunk);
        splitter.space().set(part);
        splitter.received(part.length, { seconds: 1_700_000_000, nanoseconds: 123_456_789 });
        log.endBatch();
      }
    },
    end: async () => {
      splitter.end();
      log.endBatch();
      await log.close(false);
    },
  };
}

/** What a log directory in this process needs. */
export function logPorts(say: Messages, settings: LineSettings): LogPorts {
  return {
    settings,
    say,
    children: createChildren(),
    environment: [new TextEncoder().encode("PATH=/bin:/usr/bin")],
    keeper: createIdleKeeper(),
    onDrained: () => {},
  };
}

/** Finds no journal, and leaves none. */
function createIdleKeeper(): JournalKeeper {
  const journal = createPlainJournal(1);
  return {
    claim: () => ({
      journal,
      number: null,
      batch: 1,
      done: 0,
      isPassedOver: false,
      skipping: null,
      isInLoggedLine: false,
    }),
    journal: () => journal,
    remove: () => {},
  };
}

/** The names of the old logs, the oldest first. */
export function oldNames(path: string): readonly string[] {
  return readdirSync(path)
    .filter((name) => name.startsWith("@"))
    .toSorted();
}

/** The contents of the old logs, the oldest first, and of `current`. */
export function contents(path: string): readonly string[] {
  return [...oldNames(path), "current"].map((name) => readFileSync(join(path, name), "latin1"));
}

export function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
