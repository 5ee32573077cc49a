import { EventEmitter } from "node:events";

import { errno } from "@upkeep/linux/core/errno";
import type { watch } from "chokidar";
import { describe, expect, test } from "vitest";

import { createWatcher, type Watcher } from "../../src/scan/watcher.ts";
import { HandTimers } from "../helpers/hand-timers.ts";

class FakeWatch extends EventEmitter {
  isClosed = false;
  readonly paths: readonly string[];

  constructor(paths: readonly string[]) {
    super();
    this.paths = paths;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** As where inotify has no watch, or no instance, left. */
  fail(code: "ENOSPC" | "EMFILE" | "EACCES", syscall = "watch"): void {
    this.emit("error", Object.assign(new Error(code), { code, errno: -errno[code], syscall }));
  }
}

/** A watcher whose library and clock are ours. */
class World {
  readonly timers = new HandTimers();
  readonly watches: FakeWatch[] = [];
  readonly warnings: string[] = [];
  hints = 0;
  /** Why the library cannot be loaded. */
  missing: Error | null = null;
  readonly watcher: Watcher;

  constructor() {
    this.watcher = createWatcher({
      load: async () => {
        if (this.missing !== null) throw this.missing;
        return { watch: this.#watch as unknown as typeof watch };
      },
      later: this.timers.later,
      onHint: () => (this.hints += 1),
      warn: (message) => this.warnings.push(message),
    });
  }

  /** Watches a path, and waits until the library has been called. */
  async arm(path = "/nowhere/service"): Promise<FakeWatch> {
    this.watcher.arm(path);
    await this.settle();
    return this.latest();
  }

  async settle(): Promise<void> {
    for (let turns = 0; turns < 10; turns++) await Promise.resolve();
  }

  latest(): FakeWatch {
    const found = this.watches.at(-1);
    if (found === undefined) throw new Error("nothing is watched");
    return found;
  }

  readonly #watch = (paths: readonly string[]): FakeWatch => {
    const made = new FakeWatch(paths);
    this.watches.push(made);
    return made;
  };
}

const outOfWatches = "unable to watch /nowhere/service, rescanning: out of disk space";

describe("a watcher", () => {
  test("hints when it is ready, and at each change that may be a service's", async () => {
    const world = new World();
    const found = await world.arm();
    expect(found.paths).toEqual(["/nowhere/service"]);
    found.emit("ready");
    found.emit("raw", "rename", "a", { watchedPath: "/nowhere/service" });
    expect(world.hints).toBe(2);
    found.emit("raw", "change", "README", { watchedPath: "/nowhere/service" });
    found.emit("raw", "rename", ".draft", { watchedPath: "/nowhere/service" });
    expect(world.hints).toBe(2);
  });

  test("begins anew when the directory itself has changed", async () => {
    const world = new World();
    const first = await world.arm();
    first.emit("all", "unlinkDir", "/nowhere/service");
    await world.settle();
    expect([world.watches.length, first.isClosed, first.listenerCount("all")]).toEqual([2, true, 0]);
  });

  test("that is armed twice at once watches once", async () => {
    const world = new World();
    world.watcher.arm("/nowhere/one");
    await world.arm("/nowhere/two");
    expect(world.watches.map(({ paths }) => paths)).toEqual([["/nowhere/two"]]);
  });

  test("warns once where inotify has no watch left, and tries again each minute", async () => {
    const world = new World();
    const first = await world.arm();
    first.fail("ENOSPC");
    expect(world.warnings).toEqual([outOfWatches]);
    world.timers.turn(59_999);
    await world.settle();
    expect(world.watches).toHaveLength(1);
    world.timers.turn(1);
    await world.settle();
    world.latest().fail("EMFILE");
    world.timers.turn(60_000);
    await world.settle();
    world.latest().emit("ready");
    expect([world.watches.length, world.warnings.length, world.hints]).toEqual([3, 1, 1]);
  });

  test("leaves trouble with an entry to the scan", async () => {
    const world = new World();
    const found = await world.arm();
    found.fail("EACCES", "lstat");
    world.timers.turn(120_000);
    await world.settle();
    expect([world.watches.length, world.warnings]).toEqual([1, []]);
  });

  test("that has failed and is armed again is not armed a second time", async () => {
    const world = new World();
    (await world.arm()).fail("ENOSPC");
    await world.arm();
    world.timers.turn(120_000);
    await world.settle();
    expect(world.watches).toHaveLength(2);
  });

  test("does without a library that cannot be loaded, for a minute", async () => {
    const world = new World();
    world.missing = Object.assign(new Error("no library"), { code: "ENOENT", errno: -errno.ENOENT });
    world.watcher.arm("/nowhere/service");
    await world.settle();
    expect(world.warnings).toEqual(["unable to watch /nowhere/service, rescanning: file does not exist"]);
    world.missing = null;
    world.timers.turn(60_000);
    await world.settle();
    expect(world.watches).toHaveLength(1);
  });
});
