import { setImmediate } from "node:timers/promises";

import { errno } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import { createInterpreter, type Interpreter } from "../../src/engine/interpreter.ts";

/** An interpreter whose ports write down what they are asked for. */
class World {
  now = 1_000_000;
  isStopAsked = false;
  hasCtrlAltDel = false;
  isRebootAsked = false;
  /** Errnos of the next starts; they succeed when there is nothing left here. */
  readonly failures: number[] = [];
  /** What the kernel answers to commands. */
  refusal = 0;
  readonly interpreter: Interpreter;
  #done: string[] = [];
  #pid = 100;

  constructor() {
    const note = (words: string): void => void this.#done.push(words);
    this.interpreter = createInterpreter(
      { identity: "test", isContained: true },
      {
        now: () => this.now,
        say: note,
        start: (script, newSession) => {
          note(`start ${script}${newSession ? " in a session" : ""}`);
          const failed = this.failures.shift();
          if (failed === undefined) return { kind: "started", script, pid: this.#pid++ };
          return { kind: "startFailed", script, errno: failed, isFork: failed === errno.EAGAIN };
        },
        signal: (pid, signal) => note(`${signal} ${pid}`),
        takeStopRequest: () => this.isStopAsked,
        hasCtrlAltDel: () => this.hasCtrlAltDel,
        killAll: () => note("kill all"),
        isRebootAsked: () => this.isRebootAsked,
        isSyncWanted: () => true,
        sync: () => note("sync"),
        command: (command) => {
          note(`command ${command}`);
          return this.refusal;
        },
        end: (code) => note(`end ${code}`),
      },
    );
  }

  /** A child has ended, with this wait status. */
  reaped(pid: number, status = 0): this {
    this.interpreter.reaped([{ pid, status }]);
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

const begun = ["command ctrlAltDelete", "test: booting.", "enter stage: /etc/runit/1", "start 1"];

describe("the interpreter", () => {
  test("runs the stages one after the other, and powers off", () => {
    const world = new World();
    world.interpreter.begin(0);
    expect(world.done()).toEqual(begun);
    world.reaped(100).reaped(101).done();
    expect(world.reaped(102).done()).toEqual([
      "leave stage: /etc/runit/3",
      "sending KILL signal to all processes...",
      "kill all",
      "power off...",
      "sync",
      "command powerOff",
    ]);
  });

  test("reads the flags when they matter, and passes over orphans", () => {
    const world = new World();
    world.interpreter.begin(0);
    world.reaped(100).done();
    world.interpreter.signalled("SIGCONT");
    expect(world.reaped(4711, 9).done()).toEqual([]);
    world.isStopAsked = true;
    world.interpreter.signalled("SIGCONT");
    expect(world.done()).toEqual(["SIGTERM 101"]);
    world.isRebootAsked = true;
    expect(world.reaped(101).reaped(102).done().at(-1)).toBe("command restart");
  });

  test("starts the script for ctrl-alt-del where there is one", () => {
    const world = new World();
    world.interpreter.begin(0);
    world.reaped(100).done();
    world.interpreter.signalled("SIGINT");
    expect(world.done()).toEqual([]);
    world.hasCtrlAltDel = true;
    world.interpreter.signalled("SIGINT");
    expect(world.done().at(-1)).toBe("start ctrlaltdel");
  });

  test("ends a container that the kernel does not end", () => {
    const world = new World();
    world.interpreter.begin(0);
    world.refusal = errno.EPERM;
    expect(world.reaped(100).reaped(101).reaped(102).done().slice(-2)).toEqual([
      "fatal: unable to power off: permission denied",
      "end 130",
    ]);
  });

  test("wakes up to ask for a process again", async () => {
    const world = new World();
    world.failures.push(errno.EAGAIN);
    world.interpreter.begin(0);
    world.done();
    // Any event sets the timer anew, by the clock that has been turned.
    world.now += 5000;
    world.reaped(4711);
    await world.until("start 1");
    expect(world.done()).toEqual(["start 1"]);
  });

  test("wakes up to kill a stage 2 that does not end", async () => {
    const world = new World();
    world.interpreter.begin(0);
    world.reaped(100);
    world.interpreter.signalled("SIGPWR");
    expect(world.done().at(-1)).toBe("SIGTERM 101");
    world.now += 5000;
    world.reaped(4711);
    await world.until("SIGKILL 101");
    expect(world.reaped(101, 9).done()).toEqual([
      "warning: stage 2 not terminated, sending sigkill...",
      "SIGKILL 101",
      "leave stage: /etc/runit/2",
      "enter stage: /etc/runit/3",
      "start 3 in a session",
    ]);
  });
});
