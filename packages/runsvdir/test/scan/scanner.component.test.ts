import fs, { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { errno } from "@upkeep/linux/core/errno";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Listed } from "../../src/core/scan.ts";
import type { Guard, Taken } from "../../src/scan/guard.ts";
import type { FileCalls } from "../../src/scan/scan-directory.ts";
import { createScanner, type Scanner } from "../../src/scan/scanner.ts";
import { HandTimers } from "../helpers/hand-timers.ts";

/** A scanner of a real directory; its clock, its guard, its watcher and failures of the file system are ours. */
class World {
  readonly root = mkdtempSync(join(tmpdir(), "upkeep-scanner-"));
  readonly path = join(this.root, "service");
  readonly timers = new HandTimers();
  readonly scanner: Scanner;
  /** What the guard answers. */
  taken: Taken = { kind: "held" };
  /** Calls of the file system that fail now, with their errno. */
  readonly failing = new Map<keyof FileCalls, keyof typeof errno>();
  /** How many scans are over. */
  looks = 0;
  #done: string[] = [];

  constructor() {
    mkdirSync(join(this.path, "a"), { recursive: true });
    const guard: Guard = {
      take: () => this.taken,
      release: () => this.#done.push("release"),
    };
    this.scanner = createScanner(this.path, {
      guard,
      watcher: { arm: () => this.#done.push("arm") },
      files: this.#files(),
      now: this.timers.now,
      later: this.timers.later,
      warn: (message) => this.#done.push(message.replaceAll(this.root, "")),
      onListing: (listing) => this.#done.push(`[${listing.map(describeEntry).toSorted().join(" ")}]`),
      onLook: () => (this.looks += 1),
    });
  }

  /** What has happened since this was last asked. */
  done(): readonly string[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** Turns the clock, and says what has happened meanwhile. */
  after(millis: number): readonly string[] {
    this.timers.turn(millis);
    return this.done();
  }

  make(...names: readonly string[]): this {
    for (const name of names) mkdirSync(join(this.path, name), { recursive: true });
    return this;
  }

  #files(): FileCalls {
    const call = (name: keyof FileCalls): never =>
      ((...args: readonly unknown[]) => {
        const code = this.failing.get(name);
        if (code !== undefined) throw Object.assign(new Error(code), { code, errno: -errno[code], syscall: "open" });
        return (fs[name] as (...given: readonly unknown[]) => unknown)(...args);
      }) as never;
    return {
      closeSync: call("closeSync"),
      fstatSync: call("fstatSync"),
      lstatSync: call("lstatSync"),
      openSync: call("openSync"),
      readdirSync: call("readdirSync"),
      statSync: call("statSync"),
    };
  }
}

function describeEntry(entry: Listed): string {
  return entry.kind === "directory" ? entry.name : `${entry.name}!`;
}

let world: World;

beforeEach(async () => {
  world = new World();
  await world.scanner.claim();
  world.scanner.scan(true);
});
afterEach(() => rmSync(world.root, { recursive: true }));

describe("a scan", () => {
  test("is not made before the directory is claimed", async () => {
    const fresh = new World();
    fresh.scanner.scan(true);
    expect(fresh.after(60_000)).toEqual([]);
    await fresh.scanner.claim();
    fresh.scanner.scan(true);
    expect(fresh.done()).toEqual(["arm", "[a]"]);
    rmSync(fresh.root, { recursive: true });
  });

  test("comes every 5 s, and reads the directory only where that may have changed", () => {
    // One more reading, for a change in the same step of the time stamp.
    expect(world.done()).toEqual(["arm", "[a]"]);
    expect(world.after(5000)).toEqual(["[a]"]);
    expect(world.after(60_000)).toEqual([]);
    world.make("b");
    expect(world.after(5000)).toEqual(["[a b]"]);
  });

  test("tells when it is over, whether it has read the directory or failed", () => {
    world.after(60_000);
    const before = world.looks;
    world.after(5000);
    world.failing.set("statSync", "EIO");
    world.after(5000);
    expect(world.looks).toBe(before + 2);
  });

  test("on request is made whatever the time stamp says", () => {
    world.after(60_000);
    world.scanner.scan(true);
    expect(world.done()).toEqual(["[a]"]);
  });

  test("answers for a burst of hints, 10 ms after the first", () => {
    world.after(60_000);
    for (let hints = 0; hints < 5; hints++) world.scanner.hint();
    expect(world.after(9)).toEqual([]);
    world.scanner.hint();
    expect(world.after(1)).toEqual(["[a]"]);
    expect(world.after(1000)).toEqual([]);
  });

  test("is repeated while a name cannot be examined", () => {
    symlinkSync("nowhere", join(world.path, "dangling"));
    world.after(60_000);
    expect(world.after(5000)).toEqual(["[a dangling!]"]);
    mkdirSync(join(world.path, "nowhere"));
    rmSync(join(world.path, "a"), { recursive: true });
    expect(world.after(5000)).toEqual(["[dangling nowhere]"]);
  });
});

describe("a scan that fails", () => {
  test("for want of descriptors is reported once, tried again every second, and recovers", () => {
    world.done();
    world.failing.set("readdirSync", "EMFILE");
    world.scanner.scan(true);
    expect(world.done()).toEqual(["unable to open directory /service: process cannot open more files"]);
    expect(world.after(10_000)).toEqual([]);
    world.failing.clear();
    expect(world.after(999)).toEqual([]);
    expect(world.after(1)).toEqual(["[a]"]);
  });

  test("is reported again when the reason changes, and after a success", () => {
    world.done();
    world.failing.set("readdirSync", "EMFILE");
    world.scanner.scan(true);
    world.failing.set("readdirSync", "EIO");
    world.timers.turn(1000);
    world.failing.clear();
    world.timers.turn(1000);
    world.failing.set("readdirSync", "EIO");
    world.scanner.scan(true);
    expect(world.done()).toEqual([
      "unable to open directory /service: process cannot open more files",
      "unable to open directory /service: input/output error",
      "[a]",
      "unable to open directory /service: input/output error",
    ]);
  });

  test("keeps the directory that it had, and takes a new one when that can be opened", () => {
    world.done();
    const before = world.scanner.current();
    renameSync(world.path, `${world.path}.old`);
    world.make("b");
    world.failing.set("openSync", "EMFILE");
    world.scanner.scan(true);
    expect(world.done()).toEqual(["arm", "unable to open directory /service: process cannot open more files"]);
    expect(world.scanner.current()).toBe(before);
    world.failing.clear();
    expect(world.after(1000)).toEqual(["release", "arm", "[b]"]);
  });
});

describe("a directory", () => {
  test("that vanishes and comes back is reported once, and watched anew each time", () => {
    world.done();
    renameSync(world.path, `${world.path}.away`);
    world.scanner.scan(true);
    expect(world.done()).toEqual(["arm", "unable to stat /service: file does not exist"]);
    expect(world.after(10_000)).toEqual([]);
    renameSync(`${world.path}.away`, world.path);
    expect(world.after(1000)).toEqual(["arm", "[a]"]);
  });

  test("that another one has replaced is given back, and the other one read and watched", () => {
    world.done();
    renameSync(world.path, `${world.path}.old`);
    world.make("b");
    expect(world.after(5000)).toEqual(["release", "arm", "[b]"]);
  });

  test("that another runsvdir has is waited for, with one warning", () => {
    world.done();
    renameSync(world.path, `${world.path}.old`);
    world.make("b").taken = { kind: "refused", pid: 4711 };
    expect(world.after(20_000)).toEqual([
      "release",
      "arm",
      "unable to take scan directory: already taken by another runsvdir (pid 4711)",
    ]);
    world.taken = { kind: "held" };
    expect(world.after(5000)).toEqual(["[b]"]);
  });

  test("that is just being taken is asked for again a second later", () => {
    world.done();
    renameSync(world.path, `${world.path}.old`);
    world.make("b").taken = { kind: "busy" };
    world.scanner.scan(false);
    expect(world.done()).toEqual(["release", "arm", "unable to take scan directory: temporary failure"]);
    world.taken = { kind: "held" };
    expect(world.after(1000)).toEqual(["[b]"]);
  });

  test("is given back once", () => {
    world.done();
    world.scanner.release();
    world.scanner.release();
    expect(world.done()).toEqual(["release"]);
  });

  test("is neither scanned nor taken once it is given back", () => {
    world.scanner.release();
    world.done();
    world.make("b").scanner.hint();
    world.scanner.scan(true);
    expect(world.after(60_000)).toEqual([]);
  });
});

describe("a claim", () => {
  test("is refused by another runsvdir's, whose pid it names", async () => {
    const fresh = new World();
    fresh.taken = { kind: "refused", pid: 4711 };
    const message = "unable to take scan directory: already taken by another runsvdir (pid 4711)";
    await expect(fresh.scanner.claim()).rejects.toMatchObject({ message, context: fresh.path });
    rmSync(fresh.root, { recursive: true });
  });

  test("waits while another one is just looking", async () => {
    const fresh = new World();
    fresh.taken = { kind: "busy" };
    let isClaimed = false;
    const claimed = fresh.scanner.claim().then(() => (isClaimed = true));
    for (let tries = 0; tries < 10; tries++) {
      await Promise.resolve();
      fresh.timers.turn(10);
    }
    expect(isClaimed).toBe(false);
    fresh.taken = { kind: "held" };
    fresh.timers.turn(10);
    await claimed;
    rmSync(fresh.root, { recursive: true });
  });

  test("of a directory that is missing is made when it is there", async () => {
    const fresh = new World();
    renameSync(fresh.path, `${fresh.path}.away`);
    await fresh.scanner.claim();
    fresh.scanner.scan(true);
    expect(fresh.done()).toEqual(["arm", "unable to stat /service: file does not exist"]);
    renameSync(`${fresh.path}.away`, fresh.path);
    expect(fresh.after(1000)).toEqual(["arm", "[a]"]);
    rmSync(fresh.root, { recursive: true });
  });
});
