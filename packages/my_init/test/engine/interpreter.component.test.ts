import { setImmediate } from "node:timers/promises";

import { errno } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import type { ScriptSet } from "../../src/core/event.ts";
import type { Facts } from "../../src/core/state.ts";
import { createInterpreter, type Interpreter } from "../../src/engine/interpreter.ts";

/** An interpreter whose ports write down what they are asked for. */
class World {
  now = 1_000_000;
  readonly scripts: Partial<Record<ScriptSet, readonly string[]>> = {};
  /** Errnos of the next starts; they succeed when there is nothing left here. */
  readonly failures: number[] = [];
  alive: readonly string[] = [];
  readonly interpreter: Interpreter;
  #done: string[] = [];
  #pid = 100;

  constructor(facts: Partial<Facts> = {}) {
    const note = (words: string): void => void this.#done.push(words);
    this.interpreter = createInterpreter(
      {
        budget: { process: null, all: null },
        enableInsecureKey: false,
        skipStartupFiles: false,
        skipRunit: false,
        killAllOnExit: true,
        mainCommand: null,
        ...facts,
      },
      {
        now: () => this.now,
        say: (level, text) => note(`${level}: ${text}`),
        list: (set) => this.scripts[set] ?? [],
        start: (child) => {
          note(`start ${child.kind === "script" ? child.path : child.kind}`);
          const failed = this.failures.shift();
          if (failed === undefined) return { kind: "started", child, pid: this.#pid++ };
          return { kind: "startFailed", child, errno: failed, isFork: failed === errno.EAGAIN };
        },
        reloadEnvironment: () => note("reload"),
        signal: (pid, signal) => note(`${signal} ${pid}`),
        signalAll: (signal) => note(`${signal} to all`),
        alive: () => this.alive,
        end: (code) => note(`end ${code}`),
      },
    );
  }

  /** Children have ended, with these wait statuses. */
  reaped(statuses: Readonly<Record<number, number>>): this {
    this.interpreter.reaped(Object.entries(statuses).map(([pid, status]) => ({ pid: Number(pid), status })));
    return this;
  }

  /** What was asked for since this was last asked. */
  done(): readonly string[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  async until(words: string): Promise<void> {
    while (!this.#done.includes(words)) await setImmediate();
  }
}

const killAll = ["info: Killing all processes...", "SIGTERM to all", "SIGCONT to all"];

describe("the interpreter", () => {
  test("runs startup files, services and the main command, each when its turn comes", () => {
    const world = new World({ mainCommand: "app -x" });
    world.scripts.startup = ["/a"];
    world.interpreter.begin();
    expect(world.done()).toEqual(["info: Running /a...", "start /a"]);
    expect(world.reaped({ 100: 0 }).done()).toEqual([
      "reload",
      "info: Booting runit daemon...",
      "start services",
      "info: Runit started as PID 101",
      "info: Running app -x...",
      "start main",
    ]);
  });

  test("ends with the code of a main command that a signal has killed", () => {
    const world = new World({ mainCommand: "app", skipRunit: true });
    world.interpreter.begin();
    world.done();
    expect(world.reaped({ 100: 9 }).done()).toEqual(["info: app was killed by signal 9.", ...killAll, "end 137"]);
  });

  test("ends when the last orphan is gone", () => {
    const world = new World();
    world.interpreter.begin();
    world.alive = ["sleep (PID 7)"];
    world.interpreter.signalled("SIGTERM");
    expect(world.reaped({ 100: 0 }).done()).not.toContain("end 0");
    world.alive = [];
    expect(world.reaped({ 7: 0x300 }).done()).toEqual(["end 0"]);
  });

  test("hears of nothing where no child has ended", () => {
    const world = new World();
    world.interpreter.begin();
    world.alive = ["sleep (PID 7)"];
    world.interpreter.signalled("SIGTERM");
    world.reaped({ 100: 0 }).done();
    world.alive = [];
    expect(world.reaped({}).done()).toEqual([]);
  });

  test("says why something could not be started, and ends as a shell would", () => {
    const world = new World();
    world.failures.push(errno.ENOENT);
    world.interpreter.begin();
    expect(world.done().slice(1, 3)).toEqual([
      "start services",
      "warning: unable to run runsvdir: file does not exist",
    ]);
    expect(world.interpreter.criticalEnded()).toBeUndefined();
  });

  test("wakes up to start the services again", async () => {
    const world = new World();
    world.failures.push(errno.EAGAIN);
    world.interpreter.begin();
    world.done();
    // Any event sets the timer anew, by the clock that has been turned.
    world.now += 1000;
    world.interpreter.criticalEnded();
    await world.until("start services");
    expect(world.done()).toEqual(["start services", "info: Runit started as PID 100"]);
  });

  test("wakes up for the time of a step, tells runsvdir, and kills it in the end", async () => {
    const world = new World();
    world.interpreter.begin();
    world.interpreter.signalled("SIGTERM");
    world.done();
    world.now += 6200;
    world.interpreter.signalled("SIGHUP");
    await world.until("SIGUSR2 100");
    world.now += 1000;
    world.interpreter.signalled("SIGHUP");
    await world.until("SIGKILL 100");
    expect(world.done()).toEqual([
      "SIGUSR2 100",
      "warning: unable to stop runsvdir (PID 100) in time, sending kill",
      "SIGKILL 100",
    ]);
  });

  test("ends with the code of services that a critical one has ended", () => {
    const world = new World({ mainCommand: "app" });
    world.interpreter.begin();
    world.interpreter.criticalEnded();
    world.reaped({ 100: 0x700, 101: 0 });
    expect(world.done().at(-1)).toBe("end 7");
  });
});
