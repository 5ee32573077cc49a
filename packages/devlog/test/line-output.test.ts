import { errno, SystemError } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import { createLineOutput, type LineOutput } from "../src/line-output.ts";

/** An output that takes what there is room for. */
class World {
  room = 0;
  isFailing = false;
  text = "";
  readonly said: string[] = [];
  readonly output: LineOutput;
  /** What somebody takes out while we pause, in bytes for each pause. */
  taken = 0;
  paused = 0;
  #timer: (() => void) | null = null;

  constructor(isLossy = true) {
    this.output = createLineOutput({
      isLossy,
      pause: (millis) => {
        this.paused += millis;
        this.room += this.taken;
      },
      write: (bytes) => {
        if (this.isFailing) throw new SystemError("write descriptor 1", errno.ENOSPC);
        if (this.room === 0) return -1;
        const count = Math.min(this.room, bytes.length);
        this.text += Buffer.from(bytes).toString("latin1", 0, count);
        this.room -= count;
        return count;
      },
      warn: (message) => void this.said.push(message),
      later: (action) => {
        expect(this.#timer).toBe(null);
        this.#timer = action;
      },
    });
  }

  write(...lines: readonly string[]): this {
    for (const line of lines) this.output.write(Buffer.from(line));
    return this;
  }

  /** Time passes until the next report. */
  turn(): this {
    const timer = this.#timer;
    this.#timer = null;
    timer?.();
    return this;
  }
}

describe("lossy output", () => {
  test("loses what there is no room for, tells how much at intervals, and tells when that is over", () => {
    const world = new World();
    world.room = 4;
    world.write("one\n", "two\n", "three\n").turn();
    world.write("four\n").turn();
    world.room = 100;
    world.write("five\n").turn().turn();
    expect(world.text).toBe("one\nfive\n");
    expect(world.said).toEqual([
      "unable to write to standard output: temporary failure, 2 messages lost so far",
      "unable to write to standard output: temporary failure, 3 messages lost so far",
      "writing again, 3 messages lost",
    ]);
  });

  test("completes a line that was written in part, even if no other one comes", () => {
    const world = new World();
    world.room = 2;
    world.write("one\n", "two\n");
    world.room = 2;
    world.turn();
    expect(world.text).toBe("one\n");
    world.room = 100;
    world.write("three\n").turn();
    expect(world.text).toBe("one\nthree\n");
    expect(world.said.at(-1)).toBe("writing again, 1 message lost");
  });

  test("says why a write fails, and at the end what was lost", () => {
    const world = new World();
    world.isFailing = true;
    world.write("one\n").turn();
    world.output.end();
    expect(world.said).toEqual([
      "unable to write to standard output: out of disk space, 1 message lost so far",
      "1 message lost",
    ]);
  });
});

describe("patient output", () => {
  test("keeps the line that there is no room for, and takes no other one before", () => {
    const world = new World(false);
    expect(world.output.hasRoom()).toBe(true);
    world.room = 6;
    world.write("one\n");
    expect(world.output.hasRoom()).toBe(true);
    world.write("two\n");
    expect([world.text, world.output.hasRoom()]).toEqual(["one\ntw", false]);
    world.room = 2;
    expect(world.output.hasRoom()).toBe(true);
    world.write("three\n");
    expect(world.output.hasRoom()).toBe(false);
    world.room = 100;
    world.turn();
    expect([world.text, world.output.hasRoom(), world.paused, world.said]).toEqual(["one\ntwo\nthree\n", true, 0, []]);
  });

  test("loses what cannot be written for another reason, and says so", () => {
    const world = new World(false);
    world.isFailing = true;
    world.write("one\n");
    expect(world.output.hasRoom()).toBe(true);
    world.turn();
    expect(world.said).toEqual(["unable to write to standard output: out of disk space, 1 message lost so far"]);
  });

  test("waits at its end for a reader that takes something, and loses nothing", () => {
    const world = new World(false);
    world.write("one\n");
    world.output.hurry();
    world.taken = 1;
    for (const line of ["two\n", "three\n"]) {
      expect(world.output.hasRoom()).toBe(true);
      world.write(line);
    }
    world.output.end();
    expect([world.text, world.said]).toEqual(["one\ntwo\nthree\n", []]);
  });

  test("waits at its end for a second in all, and says how many are lost", () => {
    const world = new World(false);
    world.room = 2;
    world.write("one\n");
    world.output.hurry();
    for (const line of ["two\n", "three\n"]) {
      expect(world.output.hasRoom()).toBe(true);
      world.write(line);
    }
    world.output.end();
    expect([world.text, world.paused, world.said]).toEqual(["on", 1000, ["3 messages lost"]]);
  });
});
