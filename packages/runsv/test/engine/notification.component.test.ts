import { closeSync, fstatSync, writeSync } from "node:fs";

import { duplicateAbove, isCloseOnExec, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { expect, test } from "vitest";

import { Notifier } from "../../src/engine/notification.ts";
import { countEnds, openDescriptors, openedSince, withoutDescriptors } from "../helpers/descriptors.ts";
import { until } from "../helpers/until.ts";

interface Rig {
  readonly notifier: Notifier;
  /** Pids that were ready, in this order. */
  readonly notified: number[];
  readonly warnings: string[];
  /** Starts a process, and returns its end of the pipe, which the caller closes. */
  start(pid: number): number;
}

const readiness = { kind: "notification-fd", fd: 3 } as const;

function open(): Rig {
  const notified: number[] = [];
  const warnings: string[] = [];
  const notifier = new Notifier({
    say: { warning: (message) => void warnings.push(message) },
    onNotified: (pid) => void notified.push(pid),
  });
  const start = (pid: number): number => {
    const { descriptors, settle } = notifier.prepare(readiness);
    // A spawn gives the child a descriptor of its own.
    const own = duplicateAbove(descriptors[3] ?? expect.unreachable(), 3);
    settle(pid);
    return own;
  };
  return { notifier, notified, warnings, start };
}

/** Proves that nothing comes any more of what was written before: a later start has been heard of. */
async function notifiedAtLast({ start, notified }: Rig): Promise<readonly number[]> {
  const fd = start(999);
  writeSync(fd, "\n");
  closeSync(fd);
  await until(() => notified.includes(999));
  return notified;
}

test("a process is ready when it writes a newline, however late, and once", async () => {
  const rig = open();
  const fd = rig.start(7);
  writeSync(fd, "not yet");
  await new Promise((done) => setImmediate(done));
  expect(rig.notified).toEqual([]);
  writeSync(fd, ", now\n");
  await until(() => rig.notified.length > 0);
  expect(rig.notified).toEqual([7]);
  // Nobody reads any more what it says.
  expect(() => writeSync(fd, "\n")).toThrow("EPIPE");
  closeSync(fd);
  expect(await notifiedAtLast(rig)).toEqual([7, 999]);
});

test("a newline that was written before the spawn has returned counts", () => {
  const rig = open();
  const { descriptors, settle } = rig.notifier.prepare(readiness);
  writeSync(descriptors[3] ?? expect.unreachable(), "\n");
  expect(rig.notified).toEqual([]);
  settle(7);
  expect(rig.notified).toEqual([7]);
});

test("the end of the input without a newline is no readiness", async () => {
  const rig = open();
  const fd = rig.start(7);
  const { ino } = fstatSync(fd);
  writeSync(fd, "ready");
  closeSync(fd);
  await until(() => countEnds(ino) === 0);
  expect(await notifiedAtLast(rig)).toEqual([999]);
});

test("64 KiB without a newline end the listening", async () => {
  const rig = open();
  const fd = rig.start(7);
  setNonBlocking(fd, true);
  const bytes = Buffer.alloc(65_536, "x");
  let taken = writeSync(fd, bytes);
  expect(taken).toBe(bytes.length);
  await until(() => {
    try {
      taken += writeSync(fd, bytes);
      return false;
    } catch (error) {
      return (error as { readonly code?: unknown }).code === "EPIPE";
    }
  });
  expect(taken).toBeLessThan(3 * bytes.length);
  closeSync(fd);
  expect(await notifiedAtLast(rig)).toEqual([999]);
});

test("a second start forgets the first", async () => {
  const rig = open();
  const first = rig.start(7);
  const second = rig.start(8);
  expect(() => writeSync(first, "\n")).toThrow("EPIPE");
  writeSync(second, "\n");
  await until(() => rig.notified.length > 0);
  expect(rig.notified).toEqual([8]);
  closeSync(first);
  closeSync(second);
});

test("a start that declares no readiness forgets the one before", () => {
  const rig = open();
  const fd = rig.start(7);
  expect(rig.notifier.prepare(null).descriptors).toEqual({});
  expect(() => writeSync(fd, "\n")).toThrow("EPIPE");
  closeSync(fd);
});

test("a process that has ended is not heard any more, though a child of it holds the pipe", async () => {
  const rig = open();
  const fd = rig.start(7);
  rig.notifier.forget(8);
  writeSync(fd, "not yet");
  rig.notifier.forget(7);
  expect(() => writeSync(fd, "\n")).toThrow("EPIPE");
  closeSync(fd);
  expect(await notifiedAtLast(rig)).toEqual([999]);
});

test("other ways to be ready need no pipe", () => {
  const { notifier } = open();
  const before = openDescriptors();
  expect(notifier.prepare({ kind: "ready-after", millis: 1 }).descriptors).toEqual({});
  expect(notifier.prepare({ kind: "check", otherwise: null }).descriptors).toEqual({});
  expect(openedSince(before)).toEqual([]);
});

test("the descriptor for the child is above its number there, and no other child gets it", () => {
  const { notifier } = open();
  const { descriptors, settle } = notifier.prepare({ kind: "notification-fd", fd: 200 });
  expect(Object.keys(descriptors)).toEqual(["200"]);
  expect(descriptors[200]).toBeGreaterThan(200);
  expect(isCloseOnExec(descriptors[200] ?? 0)).toBe(true);
  settle(null);
});

test("a start that fails leaves no descriptor open", () => {
  const { notifier } = open();
  const before = openDescriptors();
  notifier.prepare(readiness).settle(null);
  expect(openedSince(before)).toEqual([]);
});

test("without a descriptor to be had the start goes on, with a warning", () => {
  const { notifier, warnings } = open();
  const before = openDescriptors();
  const prepared = withoutDescriptors(() => notifier.prepare(readiness));
  expect(prepared.descriptors).toEqual({});
  prepared.settle(7);
  expect(warnings).toEqual(["unable to make notification pipe: process cannot open more files"]);
  expect(openedSince(before)).toEqual([]);
});

test("a service that writes without end holds nobody up, and is not listened to for long", async () => {
  const rig = open();
  const fd = rig.start(7);
  setNonBlocking(fd, true);
  const { ino } = fstatSync(fd);
  const flood = Buffer.alloc(4096, "x");
  const write = (): void => {
    try {
      writeSync(fd, flood);
    } catch {
      // It is full, or nobody listens any more.
    }
  };
  let turns = 0;
  // It would have no end if it were listened to for ever.
  while (countEnds(ino) > 1) {
    write();
    turns++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(turns).toBeGreaterThan(10);
  expect(rig.notified).toEqual([]);
  closeSync(fd);
});
