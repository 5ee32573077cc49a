import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { OutputLocks } from "@upkeep/log-prefix/output/output-lock";
import { createWholeLineWriter, type WholeLineWriter } from "@upkeep/log-prefix/output/whole-line-writer";
import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { errno, SystemError } from "@upkeep/linux/core/errno";
import { createByteLock } from "@upkeep/linux/fd/byte-lock";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { afterAll, describe, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-whole-lines-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let files = 0;

/** An output that is a file of its own. */
function openFile(): { readonly fd: number; readonly text: () => string } {
  const path = join(root, String(files++));
  return { fd: openSync(path, "w"), text: () => readFileSync(path, "utf8") };
}

/** Goes on with a batch each time that it is worth while, until it is written. */
function writeAll(make: (onProgress: () => void) => WholeLineWriter, text: string): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      if (writer.go()) resolve();
    };
    const writer = make(go);
    writer.start(Buffer.from(text));
    go();
  });
}

const fail = (error: SystemError): never => {
  throw error;
};

/** A new file with two bytes to lock. */
function fileLocks(): OutputLocks & { readonly path: string } {
  const path = join(root, `${files++}.lock`);
  const fd = openSync(path, "w");
  return { path, lock: createByteLock(fd, 0n), turn: createByteLock(fd, 1n) };
}

/** Locks that the test plays. */
function playedLocks(
  tryLock: (place: keyof OutputLocks) => boolean,
  unlock: (place: keyof OutputLocks) => void = () => {},
): OutputLocks {
  const play = (place: keyof OutputLocks): OutputLocks["lock"] => ({
    tryLock: () => tryLock(place),
    unlock: () => unlock(place),
  });
  return { lock: play("lock"), turn: play("turn") };
}

interface Options {
  readonly locks?: OutputLocks | null;
  readonly onProgress?: () => void;
  readonly onUnlockable?: (error: SystemError) => void;
}

function createWriter(fd: number, options: Options = {}): WholeLineWriter {
  const { locks = fileLocks(), onProgress = () => {}, onUnlockable = fail } = options;
  return createWholeLineWriter(fd, { onProgress, onUnlockable, openLocks: () => locks });
}

/** Whether a file is locked by another open file than the one made here. */
function isLocked(path: string): boolean {
  const fd = openSync(path, "w");
  const isFree = createByteLock(fd, 0n).tryLock();
  closeSync(fd);
  return !isFree;
}

describe("the lock of an output", () => {
  test("that a signal has interrupted is asked for again, and held for the batch", async () => {
    const { fd, text } = openFile();
    const held = new Set<string>();
    let calls = 0;
    const locks = playedLocks(
      (place) => {
        if (calls++ < 5) throw new SystemError("lock", errno.EINTR);
        expect(text()).toBe("");
        held.add(place);
        return true;
      },
      (place) => void held.delete(place),
    );
    await writeAll((go) => createWriter(fd, { onProgress: go, locks }), "one\ntwo\n");
    expect(text()).toBe("one\ntwo\n");
    expect(held.size).toBe(0);
    expect(calls).toBeGreaterThan(5);
    closeSync(fd);
  });

  test("that the system cannot give is done without, and that is told once", async () => {
    const { fd, text } = openFile();
    const told: number[] = [];
    const locks = playedLocks(() => fail(new SystemError("lock", errno.ENOLCK)));
    const onUnlockable = (error: SystemError): void => void told.push(error.errno);
    const writer = createWriter(fd, { onUnlockable, locks });
    for (const line of ["one\n", "two\n"]) {
      writer.start(Buffer.from(line));
      expect(writer.go()).toBe(true);
    }
    expect(text()).toBe("one\ntwo\n");
    expect(told).toEqual([errno.ENOLCK]);
    closeSync(fd);
  });

  test("is asked for without the turn where only that cannot be had", () => {
    const { fd, text } = openFile();
    const held = new Set<string>();
    let calls = 0;
    const locks = playedLocks(
      (place) => {
        calls++;
        if (place === "turn") throw new SystemError("lock", errno.ENOLCK);
        held.add(place);
        return true;
      },
      (place) => expect(held.delete(place)).toBe(true),
    );
    const writer = createWriter(fd, { locks });
    writer.start(Buffer.from("one\n"));
    expect(writer.go()).toBe(true);
    expect([text(), calls, held.size]).toEqual(["one\n", 2, 0]);
    closeSync(fd);
  });

  test("is waited for while somebody else has it", async () => {
    const { fd, text } = openFile();
    const locks = fileLocks();
    const fdOfOther = openSync(locks.path, "w");
    const other = createByteLock(fdOfOther, 0n);
    expect(other.tryLock()).toBe(true);
    const written = writeAll((go) => createWriter(fd, { onProgress: go, locks }), "one\n");
    expect(text()).toBe("");
    other.unlock();
    await written;
    expect(text()).toBe("one\n");
    for (const one of [fd, fdOfOther]) closeSync(one);
  });

  test("is waited for no longer than two seconds, and is done without from then on until it is free", async () => {
    const { fd, text } = openFile();
    const told: number[] = [];
    let isFree = false;
    let tries = 0;
    const locks = playedLocks(() => ((tries += 1), isFree));
    const onUnlockable = (error: SystemError): void => void told.push(error.errno);
    const waits: number[] = [];
    const real = globalThis.setTimeout;
    globalThis.setTimeout = ((act: () => void, millis = 0) => {
      // The runner of the tests sets timers of its own, of minutes.
      if (millis > 2000) return real(act, millis);
      waits.push(millis);
      return real(act, 0);
    }) as typeof setTimeout;
    try {
      await writeAll((go) => createWriter(fd, { onProgress: go, onUnlockable, locks }), "one\n");
    } finally {
      globalThis.setTimeout = real;
    }
    const waited = waits.reduce((sum, one) => sum + one, 0);
    expect([text(), told]).toEqual(["one\n", [errno.ETIMEDOUT]]);
    expect(waited).toBeGreaterThan(1900);
    expect(waited).toBeLessThan(2100);
    isFree = true;
    const writer = createWriter(fd, { onUnlockable, locks });
    writer.start(Buffer.from("two\n"));
    expect([writer.go(), text(), told.length, tries > 100]).toEqual([true, "one\ntwo\n", 1, true]);
    closeSync(fd);
  });

  test("is done without where there is no place for it", () => {
    const { fd, text } = openFile();
    const writer = createWriter(fd, { locks: null });
    writer.start(Buffer.from("one\n"));
    expect([writer.go(), text()]).toEqual([true, "one\n"]);
    closeSync(fd);
  });
});

describe("before a pause the lock is", () => {
  test("given back when writing has failed", () => {
    const path = join(root, String(files++));
    // The file is open for reading only, so a write fails.
    closeSync(openSync(path, "w"));
    const fd = openSync(path, "r");
    const locks = fileLocks();
    const writer = createWriter(fd, { locks });
    writer.start(Buffer.from("one\n"));
    expect(() => writer.go()).toThrow("file descriptor not open");
    expect(isLocked(locks.path)).toBe(false);
    writer.drop();
    closeSync(fd);
  });

  test("kept in the midst of a line only", () => {
    const pipe = createPipe();
    const locks = fileLocks();
    const { path } = locks;
    const bytes = new Uint8Array(1 << 20);
    setNonBlocking(pipe.read, true);
    // This is more than the pipe holds, so the first batch stops in the middle of its line.
    const long = Buffer.alloc(1 << 20, "x");
    long[long.length - 1] = 10;
    const first = createWriter(pipe.write, { locks });
    first.start(long);
    expect(first.go()).toBe(false);
    expect(isLocked(path)).toBe(true);
    let text = "";
    const take = (): void => {
      text += Buffer.from(bytes.subarray(0, Math.max(readAvailable(pipe.read, bytes), 0))).toString();
    };
    do take();
    while (!first.go());
    expect(isLocked(path)).toBe(false);
    const filler = createWriter(pipe.write, { locks });
    do filler.start(Buffer.from("\n".repeat(4096)));
    while (filler.go());
    expect(isLocked(path)).toBe(false);
    const second = createWriter(pipe.write, { locks });
    second.start(Buffer.from("second\n"));
    expect(second.go()).toBe(false);
    expect(isLocked(path)).toBe(false);
    do take();
    while (!second.go());
    take();
    expect(text.replace(/\n+/g, "\n")).toBe(`${long.toString()}second\n`);
    filler.drop();
    for (const fd of [pipe.read, pipe.write]) closeSync(fd);
  });
});
