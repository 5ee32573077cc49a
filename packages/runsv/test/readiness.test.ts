import type { Readiness } from "@upkeep/service-directory/run-settings";
import { describe, expect, test } from "vitest";

import { isReady } from "../src/slot.ts";
import { nextDeadline } from "../src/supervisor.ts";
import { World } from "./helpers/world.ts";

const killed = { kind: "killed", signal: 9, core: false } as const;

function worldWith(readiness: Readiness): World {
  return new World({ settings: { readiness } });
}

describe("notification-fd", () => {
  test("a newline makes it ready, until it ends; the next start begins unready", () => {
    const world = worldWith({ kind: "notification-fd", fd: 3 });
    world.pass(5000);
    expect(isReady(world.state.service)).toBe(false);
    world.notify();
    expect(isReady(world.state.service)).toBe(true);
    world.notify();
    world.end(world.process());
    expect(isReady(world.state.service)).toBe(false);
    expect(world.reports.map(({ event }) => event)).toEqual(["ready", "unready", "exit"]);
    expect(world.has("run")).toBe(true);
  });

  test("a newline of an earlier process means nothing", () => {
    const world = worldWith({ kind: "notification-fd", fd: 3 });
    const { pid } = world.process();
    world.pass(5000);
    world.end(world.process());
    world.notify(pid);
    expect(isReady(world.state.service)).toBe(false);
  });

  test("waiting for it needs no timer", () => {
    expect(nextDeadline(worldWith({ kind: "notification-fd", fd: 3 }).state)).toBe(Infinity);
  });
});

describe("ready-after", () => {
  test("counts the uptime, and then no timer is left", () => {
    const world = worldWith({ kind: "ready-after", millis: 700 });
    world.pass(699);
    expect(isReady(world.state.service)).toBe(false);
    world.pass(1);
    expect(isReady(world.state.service)).toBe(true);
    expect(nextDeadline(world.state)).toBe(Infinity);
  });
});

describe("check", () => {
  test("is run after pauses of 100 ms growing to 1 s until it exits 0, and no more then", () => {
    const world = worldWith({ kind: "check" });
    const times: number[] = [];
    const begin = world.now;
    for (let round = 0; round < 7; round++) {
      world.pass(nextDeadline(world.state) - world.now);
      times.push(world.now - begin);
      world.end(world.process("check"), { kind: "exited", code: round === 6 ? 0 : 1 });
    }
    expect(times).toEqual([100, 200, 400, 800, 1600, 2600, 3600]);
    expect(isReady(world.state.service)).toBe(true);
    expect(nextDeadline(world.state)).toBe(Infinity);
  });

  test("that hangs is killed after 10 s and run again; nothing is blocked meanwhile", () => {
    const world = worldWith({ kind: "check" });
    world.pass(100);
    world.command("hup");
    expect(world.done.at(-1)).toBe("HUP run");
    world.pass(9999);
    expect(world.done).not.toContain("KILL check");
    world.pass(1);
    expect(world.done.at(-1)).toBe("KILL check");
    world.pass(60_000);
    expect(world.done.filter((what) => what === "KILL check")).toHaveLength(1);
    world.end(world.process("check"), killed);
    world.pass(100);
    expect(world.has("check")).toBe(true);
  });

  test("is killed when run ends, and its own end means nothing to the next run", () => {
    const world = worldWith({ kind: "check" });
    world.pass(2000);
    const check = world.process("check");
    world.end(world.process());
    expect(world.done.slice(-2)).toEqual(["KILL check", "run"]);
    world.end(check);
    expect(isReady(world.state.service)).toBe(false);
  });

  test("that cannot be started is tried again", () => {
    const world = worldWith({ kind: "check" });
    world.options.checks = false;
    world.pass(5000);
    world.options.checks = true;
    world.pass(1000);
    expect(world.has("check")).toBe(true);
  });
});
