/* A log directory whose file `current` fails: the failing calls are those of the file, injected where it is opened. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { errno, SystemError } from "@upkeep/linux/core/errno";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

import { type CurrentFile, openCurrent } from "../../src/directory/current-file.ts";
import { contents, createFeeder, type Feeder, type FeederOptions, modeOf, oldNames } from "../helpers/feeder.ts";
import { temporaryDirectory } from "../helpers/temporary-directory.ts";

const root = temporaryDirectory();
let number = 0;
let path = "";
beforeEach(() => {
  path = join(root.path, String(++number));
});
afterAll(root.remove);

type Call = "write" | "sync" | "finish" | "syncInBackground" | "open";

interface Faulty extends Feeder {
  /** This call fails from now on; null: none does. */
  fail(call: Call | null, number?: number): void;
}

function createFaulty(options: FeederOptions = {}): Faulty {
  let failing: Call | null = null;
  let error: number = errno.EIO;
  const check = (call: Call, operation: string): void => {
    if (call === failing) throw new SystemError(operation, error);
  };
  const openFile = (file: string, name: string, operation: string): CurrentFile => {
    check("open", `${operation}: ${name}`);
    const opened = openCurrent(file, name, operation);
    return {
      ...opened,
      write: (...args) => {
        check("write", `write to current: ${name}`);
        return opened.write(...args);
      },
      sync: () => {
        check("sync", `fsync current logfile: ${name}`);
        opened.sync();
      },
      syncInBackground: async () => {
        check("syncInBackground", `fsync current logfile: ${name}`);
        await opened.syncInBackground();
      },
      finish: () => {
        check("finish", `set mode of current: ${name}`);
        opened.finish();
      },
    };
  };
  const feeder = createFeeder(path, { ...options, openFile });
  const fail = (call: Call | null, to: number = errno.EIO): void => {
    failing = call;
    error = to;
  };
  return { ...feeder, fail };
}

const said = (feeder: Feeder): readonly string[] => feeder.said.filter((line) => !line.startsWith("info"));

describe("a disk that fails", () => {
  test.each([
    ["ENOSPC", errno.ENOSPC, "out of disk space"],
    ["EIO", errno.EIO, "input/output error"],
  ])("with %s makes lines wait; a HUP tries again, and they are written in order", async (_, error, reason) => {
    const feeder = createFaulty();
    feeder.log.open();
    feeder.feed("one\n");
    feeder.fail("write", error);
    feeder.feed("two\n");
    feeder.feed("three\n");
    expect(feeder.log.backlog()).toBe(10);
    expect(said(feeder)).toEqual([`pausing: unable to write to current: ${path}: ${reason}`]);
    feeder.fail(null);
    expect(feeder.log.open()).toBe(true);
    feeder.feed("four\n");
    await feeder.end();
    expect(contents(path)).toEqual(["one\ntwo\nthree\nfour\n"]);
    expect(said(feeder)).toHaveLength(1);
  });

  test("gives room by its oldest logs, down to N", async () => {
    const feeder = createFaulty({ config: "s10\nn5\nN1\n", lineLength: 2 });
    feeder.log.open();
    feeder.feed("a\n".repeat(12));
    const before = oldNames(path);
    expect(before).toHaveLength(3);
    feeder.fail("write", errno.ENOSPC);
    feeder.feed("b\n");
    expect(oldNames(path)).toEqual(before.slice(2));
    expect(said(feeder)).toEqual([
      ...before.slice(0, 2).map((name) => `warning: out of disk space, delete: ${path}/${name}`),
      `pausing: unable to write to current: ${path}: out of disk space`,
    ]);
    feeder.fail(null);
    await feeder.end();
    expect(contents(path).at(-1)).toBe("b\n");
  });

  test.each(["finish", "open"] as const)("in a rotation (%s) loses and mixes no line", async (call) => {
    const feeder = createFaulty({ config: "s10\nn0\n", lineLength: 2, stamp: 0 });
    feeder.log.open();
    feeder.fail(call);
    // The first piece fills the log to its end.
    for (const text of ["a\nb\nc\nd\n", "e\n", "f\ng\n"]) feeder.feed(text);
    expect(said(feeder)).toHaveLength(1);
    feeder.fail(null);
    feeder.log.open();
    await feeder.end();
    expect(contents(path)).toEqual(["a\nb\nc\nd\n", "e\nf\ng\n"]);
  });

  test("that cannot bring an ended log to itself is told of, and logging goes on", async () => {
    const feeder = createFaulty({ config: "s10\nn0\n", lineLength: 2 });
    feeder.log.open();
    feeder.fail("syncInBackground");
    feeder.feed("a\n".repeat(5));
    feeder.fail(null);
    await feeder.end();
    expect(said(feeder)).toEqual([`warning: unable to fsync current logfile: ${path}: input/output error`]);
    expect(contents(path)).toEqual(["a\n".repeat(4), "a\n"]);
  });

  test("is given up when there is no time, and what is lost is told", async () => {
    const feeder = createFaulty();
    feeder.log.open();
    feeder.fail("write");
    feeder.feed("lost\n");
    await feeder.log.close(true);
    expect(said(feeder).at(-1)).toBe(`warning: unable to write to current: ${path}: input/output error, 5 bytes lost`);
    expect(contents(path)).toEqual([""]);
  });

  test("in the closing of a HUP lets the new settings wait for it", async () => {
    const feeder = createFaulty();
    feeder.log.open();
    feeder.feed("a\n");
    feeder.fail("sync");
    writeFileSync(join(path, "config"), "pP: \n");
    expect(feeder.log.open()).toBe(true);
    feeder.feed("b\n");
    expect(said(feeder)).toEqual([`pausing: unable to fsync current logfile: ${path}: input/output error`]);
    expect(feeder.log.backlog()).toBe(5);
    feeder.fail(null);
    feeder.log.open();
    await feeder.end();
    expect(contents(path)).toEqual(["a\nP: b\n"]);
    expect(modeOf(join(path, "current"))).toBe("744");
  });
});

describe("a HUP in a pause", () => {
  test("puts a changed config into effect for what waits", async () => {
    const feeder = createFaulty({ config: "s1000\nn0\n", lineLength: 2 });
    feeder.log.open();
    feeder.fail("write");
    feeder.feed("a\n".repeat(9));
    writeFileSync(join(path, "config"), "s10\nn0\n!cat\n");
    feeder.fail(null);
    feeder.log.open();
    // The processor has begun with the first.
    expect(oldNames(path).map((name) => name.slice(-1))).toEqual(["t", "u", "u"]);
    const reaping = setInterval(feeder.children.reap, 5);
    await feeder.end();
    clearInterval(reaping);
    expect(oldNames(path).map((name) => name.slice(-1))).toEqual(["s", "s"]);
    expect(contents(path)).toEqual(["a\n".repeat(4), "a\n".repeat(4), "a\n"]);
  });

  test("leads what waits to a directory that was removed and made anew", async () => {
    const feeder = createFaulty();
    feeder.log.open();
    feeder.fail("write");
    feeder.feed("waits\n");
    rmSync(path, { recursive: true });
    mkdirSync(path);
    feeder.fail(null);
    feeder.log.open();
    expect(readFileSync(join(path, "current"), "latin1")).toBe("waits\n");
    await feeder.end();
    expect(said(feeder)).toHaveLength(1);
  });
});
