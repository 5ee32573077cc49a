import { setImmediate } from "node:timers/promises";

import { errno } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import type { StartOutcome } from "../../src/core/event.ts";
import type { Policy } from "../../src/core/state.ts";
import type { Needs } from "../../src/core/stop-order.ts";
import { createInterpreter, type Interpreter } from "../../src/engine/interpreter.ts";

/** Wait statuses: of exit 0 and 111, and of a death by KILL. */
const success = 0;
const failure = 111 * 256;
const killed = 9;

/** An interpreter whose ports write down what they are asked for. */
class World {
  now = 1_000_000;
  needs: Needs = new Map();
  /** What the next starts come to; they succeed when there is nothing left here. */
  readonly outcomes: StartOutcome[] = [];
  readonly interpreter: Interpreter;
  #done: string[] = [];
  #pid = 100;

  constructor(policy: Partial<Policy> = {}) {
    const note = (words: string): void => void this.#done.push(words);
    this.interpreter = createInterpreter(
      { isOrderly: false, stopTimeout: 7000, ...policy },
      {
        now: () => this.now,
        start: (_identity, name, isLast) => {
          note(`${isLast ? "last start" : "start"} ${name}`);
          return this.outcomes.shift() ?? { kind: "started", pid: this.#pid++, follows: true };
        },
        signal: (pid, signal) => note(`${signal} ${pid}`),
        remind: (_identity, name, pid) => note(`remind ${name} ${pid}`),
        killService: (_identity, name) => note(`kill ${name}`),
        rescan: () => note("rescan"),
        readNeeds: () => {
          note("read needs");
          return this.needs;
        },
        reportCritical: (name, code) => note(`report ${name} ${code}`),
        say: { fatal: (message) => note(`fatal: ${message}`), warning: (message) => note(`warning: ${message}`) },
        onEnd: (code) => note(`end ${code}`),
        onDie: (signal) => note(`die ${signal}`),
      },
    );
  }

  listed(...names: readonly string[]): this {
    this.interpreter.listed(names.map((name) => ({ kind: "directory", name, identity: `id:${name}`, place: name })));
    return this;
  }

  reaped(status: number, ...pids: readonly number[]): this {
    this.interpreter.reaped(pids.map((pid) => ({ pid, status })));
    return this;
  }

  /** What was asked for since this was last asked. */
  done(): readonly string[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await setImmediate();
  }
}

describe("the interpreter", () => {
  test("starts what is listed, and keeps it running", () => {
    const world = new World().listed("b", "a");
    expect(world.done()).toEqual(["start a", "start b"]);
    world.now += 2000;
    expect(world.reaped(killed, 100).done()).toEqual(["start a"]);
    world.now += 2000;
    expect(world.reaped(failure, 102).done()).toEqual(["start a"]);
    // Somebody has asked for this end.
    expect(world.reaped(success, 101).done()).toEqual([]);
  });

  test("gives other events their turn between the starts of many", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `s${10 + index}`);
    const world = new World().listed(...names);
    expect(world.done()).toHaveLength(8);
    expect(world.listed(...names.slice(0, 10)).done()).toEqual(["start s18", "start s19"]);
    await setImmediate();
    await setImmediate();
    expect(world.done()).toEqual([]);
  });

  test("wakes up for a start that had to wait", async () => {
    const world = new World().listed("a");
    world.done();
    world.now += 990;
    expect(world.reaped(killed, 100).done()).toEqual([]);
    world.now += 10;
    const done: string[] = [];
    await world.until(() => done.push(...world.done()) > 0);
    expect(done).toEqual(["start a"]);
  });

  test("says why a start failed, and asks for a scan where the entry has changed", () => {
    const world = new World();
    world.outcomes.push(
      { kind: "startFailed", errno: errno.ENOENT, isFork: false },
      { kind: "startFailed", errno: errno.EAGAIN, isFork: true },
      { kind: "entryChanged" },
    );
    expect(world.listed("a", "b", "c").done()).toEqual([
      "start a",
      "start b",
      "start c",
      "fatal: unable to start runsv a: file does not exist",
      "warning: unable to fork for b: temporary failure",
      "rescan",
    ]);
  });

  test("passes over children that it did not start", () => {
    const world = new World().listed("a");
    world.done();
    expect(world.reaped(killed, 4711, 4712).done()).toEqual([]);
  });
});

describe("a signal", () => {
  test("ends a plain runsvdir without a look at dependencies", () => {
    for (const [signal, done] of [
      ["SIGTERM", ["end 0"]],
      ["SIGHUP", ["SIGTERM 100", "end 111"]],
      ["SIGINT", ["die SIGINT"]],
    ] as const) {
      const world = new World().listed("a");
      world.done();
      world.interpreter.signalled(signal, false);
      expect(world.done()).toEqual(done);
    }
  });

  test("begins an orderly stop, in the order of the dependencies", () => {
    const world = new World({ isOrderly: true }).listed("db", "web");
    world.needs = new Map([["web", ["db"]]]);
    world.done();
    world.interpreter.signalled("SIGTERM", false);
    expect(world.done()).toEqual(["read needs", "SIGTERM 101"]);
    expect(world.reaped(success, 101).done()).toEqual(["SIGTERM 100"]);
    expect(world.reaped(killed, 100).done()).toEqual(["last start db"]);
    expect(world.reaped(success, 102).done()).toEqual(["end 0"]);
  });

  test("that was typed begins one as well", () => {
    const world = new World().listed("a");
    world.done();
    world.interpreter.signalled("SIGINT", true);
    expect(world.done()).toEqual(["read needs", "SIGTERM 100"]);
  });
});

test("a parent that says that the time is over has services killed, and runsv 2 s later", () => {
  const world = new World({ isOrderly: true }).listed("a");
  world.interpreter.signalled("SIGTERM", false);
  world.done();
  world.interpreter.timeOver();
  expect(world.done()).toEqual([
    "read needs",
    "warning: unable to stop a in time, sending kill",
    "kill a",
    "remind a 100",
  ]);
  world.now += 2000;
  world.interpreter.signalled("SIGTERM", false);
  expect(world.done().slice(-3)).toEqual(["warning: unable to stop a, killing runsv", "SIGKILL 100", "end 0"]);
});

test("a critical service that has ended is reported, and stops everything with its exit code", () => {
  const world = new World({ isOrderly: true }).listed("a");
  world.done();
  world.interpreter.criticalEnded("a", 7);
  expect(world.done()).toEqual([
    "read needs",
    "warning: critical service a has ended with exit code 7, stopping all services",
    "report a 7",
    "SIGTERM 100",
  ]);
  expect(world.reaped(success, 100).done()).toEqual(["end 7"]);
});
