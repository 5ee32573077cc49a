import fs, { closeSync, mkdirSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";

import { createChildren } from "@upkeep/linux/exec/children";
import { createIntake } from "../../src/lines/intake.ts";
import { createJournalKeeper } from "../../src/journal/journal-keeper.ts";
import { journalSize } from "../../src/journal/journal.ts";
import type { StampStyle } from "../../src/core/stamp.ts";
import { createLogDirectory, type Log } from "../../src/directory/log-directory.ts";
import { splitterBufferSize } from "../../src/lines/splitter.ts";
import { contents } from "./feeder.ts";

/** Whether loggers can die here: Bun does not let tests change its own modules. */
export const canDie: boolean = !("bun" in process.versions);

/** Loggers that follow each other, and what they read. */
export interface Mortal {
  /** Starts the next one. It dies after so many steps, unless it has read all before. */
  live(steps: number): "died" | "done";
  /** Ends the last one in order. */
  end(): Promise<void>;
  /** The contents of the logs of each directory, the oldest first. */
  files(): readonly (readonly string[])[];
  /** How many bytes of the input have been read. */
  taken(): number;
  readonly paths: readonly string[];
}

export interface MortalOptions {
  readonly text: string;
  /** How much there is at each read. */
  readonly reads: readonly number[];
  readonly size: number;
  readonly directories: number;
  readonly stamp: StampStyle;
  /** How many bytes are missing of a write that is the last step. */
  readonly torn: number;
}

const lineLength = 20;
const chunk = 64;

class Death extends Error {}

/** How many steps are left. When none is, the logger that takes a step dies. */
let left = Infinity;
let torn = 0;
/** Descriptors of the locks that the living logger holds. */
const locks: number[] = [];

function step(): void {
  if (--left < 0) throw new Death();
}

/** The calls of a logger that others can see. */
const calls = ["fchmodSync", "renameSync", "openSync", "closeSync", "truncateSync", "unlinkSync"] as const;
if (canDie) {
  // The machine does not die, so syncing has nothing to do.
  Object.assign(fs, { fsyncSync: step, fsync: (_: number, done: (error: null) => void) => setImmediate(done, null) });
  for (const name of calls) {
    const call = fs[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        step();
        const result = call(...args);
        if (name === "openSync" && String(args[0]).endsWith("/lock")) locks.push(result as number);
        step();
        return result;
      },
    });
  }
  const { writeSync } = fs;
  const write = (fd: number, bytes: Uint8Array, from: number, size: number): number => {
    step();
    const count = left === 0 ? Math.max(0, size - torn) : size;
    const written = count === 0 ? 0 : writeSync(fd, bytes, from, count);
    step();
    return written;
  };
  Object.assign(fs, { writeSync: write });
  syncBuiltinESMExports();
}

/** The kernel does this for a process that has died. */
function giveLocksBack(): void {
  for (const fd of locks.splice(0)) closeSync(fd);
}

export function createMortal(path: string, options: MortalOptions): Mortal {
  const { text, reads, size, directories, stamp } = options;
  const bytes = Buffer.from(text, "latin1");
  const memory = new ArrayBuffer(journalSize(splitterBufferSize({ lineLength, chunk })));
  const paths = Array.from({ length: directories }, (_, at) => `${path}-${at}`);
  for (const directory of paths) {
    mkdirSync(directory);
    writeFileSync(join(directory, "config"), `s${size}\nn0\n`);
  }
  let taken = 0;
  let turn = 0;
  let seconds = 1_700_000_000;
  let logs: readonly Log[] = [];
  let endInput = (): void => {};

  const say = { fatal: () => {}, warning: () => {}, pausing: () => {}, info: () => {} };
  const start = (): void => {
    const openFile = () => ({ memory, remove: () => {}, close: () => {} });
    const keeper = createJournalKeeper({ openFile, bufferSize: (journalSize(0) - memory.byteLength) / -2, chunk, say });
    const children = createChildren();
    const ports = { settings: { stamp, lineLength }, say, children, environment: [], keeper, onDrained: () => {} };
    logs = paths.map((directory) => createLogDirectory(directory, ports));
    for (const log of logs) log.open();
    const journal = keeper.journal();
    const { setInput, setDirectory } = journal;
    Object.assign(journal, {
      setInput: (...args: Parameters<typeof setInput>) => {
        step();
        setInput(...args);
        step();
      },
      setDirectory: (...args: Parameters<typeof setDirectory>) => {
        step();
        setDirectory(...args);
        step();
      },
    });
    const { splitter, endBatch } = createIntake(() => logs, { lineLength, table: null, chunk, journal });
    while (taken < bytes.length) {
      const space = splitter.space();
      const count = bytes.copy(space, 0, taken, taken + (reads[turn++ % reads.length] ?? 1));
      taken += count;
      step();
      splitter.received(count, { seconds: ++seconds, nanoseconds: 0 });
      endBatch();
    }
    endInput = () => {
      splitter.end();
      endBatch();
    };
  };
  return {
    paths,
    live: (steps) => {
      locks.length = 0;
      left = steps;
      ({ torn } = options);
      try {
        start();
        return "done";
      } catch (error) {
        if (!(error instanceof Death)) throw error;
        return "died";
      } finally {
        left = Infinity;
        if (steps !== Infinity) giveLocksBack();
      }
    },
    end: async () => {
      endInput();
      await Promise.all(logs.map((log) => log.close(false)));
    },
    files: () => paths.map(contents),
    taken: () => taken,
  };
}
