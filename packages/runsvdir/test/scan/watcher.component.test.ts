import { errno, SystemError } from "@upkeep/linux/core/errno";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { watchNames } from "@upkeep/linux/fd/name-watch";
import { afterEach, describe, expect, test } from "vitest";

import { createWatcher, type Watcher } from "../../src/scan/watcher.ts";
import { HandTimers } from "../helpers/hand-timers.ts";

interface FakeWatch {
  readonly directories: readonly string[];
  readonly change: (directory: string, name: string | null) => void;
  isClosed: boolean;
}

/** A watcher whose system and clock are ours. */
class World {
  readonly timers = new HandTimers();
  readonly watches: FakeWatch[] = [];
  readonly warnings: string[] = [];
  hints = 0;
  /** Why nothing can be watched. */
  failure: number | null = null;
  readonly watcher: Watcher;

  constructor() {
    this.watcher = createWatcher({
      watchNames: (directories, change) => {
        if (this.failure !== null) throw new SystemError("watch", this.failure);
        const made: FakeWatch = { directories, change, isClosed: false };
        this.watches.push(made);
        return { close: () => (made.isClosed = true) };
      },
      later: this.timers.later,
      onHint: () => (this.hints += 1),
      warn: (message) => this.warnings.push(message),
    });
  }

  arm(path = "/nowhere/service"): FakeWatch {
    this.watcher.arm(path);
    return this.latest();
  }

  latest(): FakeWatch {
    const found = this.watches.at(-1);
    if (found === undefined) throw new Error("nothing is watched");
    return found;
  }
}

describe("a watcher", () => {
  test("hints at each name that comes or goes and may be a service's", () => {
    const world = new World();
    const found = world.arm();
    expect(found.directories).toEqual(["/nowhere/service", "/nowhere"]);
    found.change("/nowhere/service", "a");
    expect(world.hints).toBe(1);
    found.change("/nowhere/service", ".draft");
    found.change("/nowhere", "other");
    expect(world.hints).toBe(1);
  });

  test.each([
    ["/nowhere/service", null],
    ["/nowhere", "service"],
  ])("begins anew, with a hint, when %s tells of %j", (directory, name) => {
    const world = new World();
    const first = world.arm();
    first.change(directory, name);
    expect([world.watches.length, first.isClosed, world.hints]).toEqual([2, true, 1]);
  });

  test("warns once where no watch is left, and tries again each minute", () => {
    const world = new World();
    world.failure = errno.ENOSPC;
    world.watcher.arm("/nowhere/service");
    expect(world.warnings).toEqual(["unable to watch /nowhere/service, rescanning: out of disk space"]);
    world.failure = errno.EMFILE;
    world.timers.turn(60_000);
    world.failure = null;
    world.timers.turn(59_999);
    expect(world.watches).toHaveLength(0);
    world.timers.turn(1);
    expect([world.watches.length, world.warnings.length]).toEqual([1, 1]);
    // What came meanwhile was missed.
    expect(world.hints).toBeGreaterThan(0);
  });

  test("that has failed and is armed again is not armed a second time", () => {
    const world = new World();
    world.failure = errno.ENOSPC;
    world.watcher.arm("/nowhere/service");
    world.failure = null;
    world.arm();
    world.timers.turn(120_000);
    expect(world.watches).toHaveLength(1);
  });
});

describe("a watcher of a real directory", () => {
  const root = mkdtempSync(join(tmpdir(), "watcher-"));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test("follows a link to it, and learns that the link leads elsewhere or the directory has gone", async () => {
    let hints = 0;
    const watcher = createWatcher({
      watchNames,
      later: () => () => {},
      onHint: () => (hints += 1),
      warn: (message) => expect.unreachable(message),
    });
    const hint = async (act: () => void): Promise<void> => {
      const before = hints;
      act();
      while (hints === before) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (const name of ["one", "two"]) mkdirSync(join(root, name), { recursive: true });
    symlinkSync("one", join(root, "service"));
    watcher.arm(join(root, "service"));
    await hint(() => mkdirSync(join(root, "one/a")));
    await hint(() => {
      symlinkSync("two", join(root, "next"));
      renameSync(join(root, "next"), join(root, "service"));
    });
    await hint(() => symlinkSync("../one/a", join(root, "two/b")));
    await hint(() => unlinkSync(join(root, "service")));
    await hint(() => mkdirSync(join(root, "service")));
    await hint(() => mkdirSync(join(root, "service/c")));
    writeFileSync(join(root, "service/c/run"), "");
    await hint(() => rmSync(join(root, "service"), { recursive: true }));
    await hint(() => mkdirSync(join(root, "service")));
  });
});
