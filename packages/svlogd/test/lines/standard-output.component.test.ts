import { closeSync } from "node:fs";

import { duplicateAbove, duplicateOnto, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { expect, test } from "vitest";

import type { Log } from "../../src/directory/log-directory.ts";
import { createStandardOutput } from "../../src/lines/standard-output.ts";

const time = { seconds: 0, nanoseconds: 0 };

interface Output {
  readonly log: Log;
  readonly said: readonly string[];
  /** Resolves when something that had to wait has been written. */
  readonly drained: Promise<void>;
  write(text: string): void;
  /** What has come out and not been read before. */
  read(): string;
}

/** Opens the log `-` while standard output is a pipe. */
function open(): Output {
  const pipe = createPipe();
  setNonBlocking(pipe.read, true);
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  const { promise: drained, resolve: onDrained } = Promise.withResolvers<void>();
  const log = createStandardOutput({
    settings: { stamp: 2, lineLength: 1000 },
    say: { fatal: say, warning: say, pausing: say, info: say },
    onDrained,
  });
  const kept = duplicateAbove(1, 10);
  try {
    duplicateOnto(pipe.write, 1);
    log.open();
  } finally {
    duplicateOnto(kept, 1);
    closeSync(kept);
    closeSync(pipe.write);
  }
  const buffer = Buffer.alloc(2 * 1024 * 1024);
  return {
    log,
    said,
    drained,
    write: (text) => {
      const bytes = Buffer.from(text);
      log.lines(bytes, 0, bytes.length, { first: time, rest: time });
      log.endBatch();
    },
    read: () => buffer.toString("latin1", 0, Math.max(0, readAvailable(pipe.read, buffer))),
  };
}

const stamp = "1970-01-01_00:00:00.00000 ";

test("writes lines with their stamps, and closes", async () => {
  const { log, said, write, read } = open();
  write("a\nb\n");
  expect(read()).toBe(`${stamp}a\n${stamp}b\n`);
  await log.close(false);
  expect(read()).toBe("");
  expect(said).toEqual([]);
});

test("keeps what a full pipe does not take, and writes it when there is room", async () => {
  const { log, drained, write, read } = open();
  const line = `${"x".repeat(973)}\n`;
  write(line.repeat(100));
  expect(log.backlog()).toBeGreaterThan(0);
  const closed = log.close(false);
  let output = read();
  await drained;
  await closed;
  output += read();
  expect(output).toBe(`${stamp}${line}`.repeat(100));
});

test("gives up what nobody takes when there is no time, and says how much", async () => {
  const { log, said, write, read } = open();
  write(`${"x".repeat(973)}\n`.repeat(100));
  const waiting = log.backlog();
  await log.close(true);
  expect(said).toEqual([`unable to write to standard output: temporary failure, ${waiting} bytes lost`]);
  expect(read()).toHaveLength(100_000 - waiting);
});
