import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { setNonBlocking } from "../../src/fd/descriptor.ts";
import { makeFifo } from "../../src/fd/fifo.ts";
import { createPipe } from "../../src/fd/pipe.ts";
import { readAvailable, watchReadable, type Readiness } from "../../src/fd/readable.ts";

const watched: Readiness[] = [];
afterAll(() => watched.forEach((readiness) => readiness.cancel()));

test("an empty pipe has nothing yet; a closed one is at its end", () => {
  const pipe = createPipe();
  setNonBlocking(pipe.read, true);
  const bytes = new Uint8Array(4);
  expect(readAvailable(pipe.read, bytes)).toBe(-1);
  writeSync(pipe.write, "abcdef");
  expect(readAvailable(pipe.read, bytes)).toBe(4);
  expect(readAvailable(pipe.read, bytes)).toBe(2);
  closeSync(pipe.write);
  expect(readAvailable(pipe.read, bytes)).toBe(0);
  closeSync(pipe.read);
  expect(() => readAvailable(pipe.read, bytes)).toThrow(/file descriptor not open/);
});

test("tells once of something to read, and of the end", async () => {
  const pipe = createPipe();
  let calls = 0;
  let onCall = (): void => {};
  const readiness = watchReadable(pipe.read, () => {
    calls++;
    onCall();
  });
  watched.push(readiness);
  const called = (): Promise<void> =>
    new Promise((resolve) => {
      onCall = resolve;
    });
  for (const act of [() => writeSync(pipe.write, "a"), () => closeSync(pipe.write)]) {
    readiness.wait();
    const told = called();
    act();
    await told;
  }
  expect(calls).toBe(2);
  closeSync(pipe.read);
});

test("reading from a FIFO that is open for both ends is nothing to tell of", async () => {
  const directory = mkdtempSync(join(tmpdir(), "readiness-"));
  const path = join(directory, "fifo");
  makeFifo(path, 0o600);
  const fd = openSync(path, constants.O_RDWR);
  rmSync(directory, { recursive: true });
  let calls = 0;
  const told = Promise.withResolvers<void>();
  const readiness = watchReadable(fd, () => {
    calls++;
    told.resolve();
  });
  watched.push(readiness);
  readiness.wait();
  expect(readAvailable(fd, new Uint8Array(4))).toBe(-1);
  const later = new Promise<void>((resolve) => process.once("SIGUSR2", () => resolve()));
  process.kill(process.pid, "SIGUSR2");
  await later;
  expect(calls).toBe(0);
  writeSync(fd, "a");
  await told.promise;
  expect(readAvailable(fd, new Uint8Array(4))).toBe(1);
  closeSync(fd);
});

test("what cannot tell is tried from time to time", async () => {
  const fd = openSync("/dev/null", "r");
  await new Promise<void>((resolve) => {
    const readiness = watchReadable(fd, resolve);
    watched.push(readiness);
    readiness.wait();
  });
  closeSync(fd);
});
