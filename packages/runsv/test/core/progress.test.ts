import { defaultPolicy, type Readiness } from "@upkeep/service-directory/core/run-settings";
import { describe, expect, test } from "vitest";

import { isReady } from "../../src/core/slot.ts";
import { renderStatus } from "../../src/core/status.ts";
import { nextDeadline } from "../../src/core/supervisor.ts";
import { World } from "../helpers/world.ts";

const killed = { kind: "killed", signal: 9, core: false } as const;

const check: Readiness = { kind: "check", otherwise: null };

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

  test("waiting for it needs no timer but for the one complaint", () => {
    const world = worldWith({ kind: "notification-fd", fd: 3 });
    expect(nextDeadline(world.state)).toBe(world.now + 30_000);
    world.pass(30_000);
    expect(nextDeadline(world.state)).toBe(Infinity);
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
    const world = worldWith(check);
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
    const world = worldWith(check);
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
    const world = worldWith(check);
    world.pass(2000);
    const old = world.process("check");
    world.end(world.process());
    expect(world.done.slice(-2)).toEqual(["KILL check", "run"]);
    world.end(old);
    expect(isReady(world.state.service)).toBe(false);
  });

  test("that cannot be started is tried again", () => {
    const world = worldWith(check);
    world.options.checks = "no fork";
    world.pass(5000);
    world.options.checks = "work";
    world.pass(1000);
    expect(world.has("check")).toBe(true);
  });

  test.each([
    ["that declares nothing else is ready", null, true],
    ["goes by its uptime", { kind: "ready-after", millis: 700 }, false],
  ] as const)("that cannot be executed is as if it were not there: a service %s", (_, otherwise, isNow) => {
    const world = worldWith({ kind: "check", otherwise });
    world.options.checks = "no exec";
    world.pass(100);
    expect(isReady(world.state.service)).toBe(isNow);
    const { readiness } = JSON.parse(renderStatus(world.state.service, "app")["state.json"]) as { readiness: unknown };
    expect(readiness).toBe(otherwise?.kind ?? null);
    world.pass(600);
    expect(isReady(world.state.service)).toBe(true);
    expect(world.reports.map(({ event }) => event)).toEqual(["ready"]);
    expect(nextDeadline(world.state)).toBe(Infinity);
  });

  test("that cannot be executed leaves a job one, which is done by its end", () => {
    const world = new World({ settings: { readiness: check, policy: { ...defaultPolicy, restart: "never" } } });
    world.options.checks = "no exec";
    world.pass(60_000);
    expect(isReady(world.state.service)).toBe(false);
    expect(nextDeadline(world.state)).toBe(Infinity);
    world.end(world.process());
    expect(world.reports.map(({ event }) => event)).toEqual(["exit", "satisfied"]);
    expect(warningsOf(world)).toEqual([]);
  });
});

describe("one that is not ready after 30 s", () => {
  test("is complained about once, with the reason", () => {
    const world = worldWith({ kind: "notification-fd", fd: 3 });
    world.pass(29_999);
    expect(warningsOf(world)).toEqual([]);
    world.pass(600_000);
    expect(warningsOf(world)).toEqual(["warning: not ready after 30 s: nothing written to descriptor 3"]);
  });

  test("is complained about once more after the next start", () => {
    const world = worldWith({ kind: "notification-fd", fd: 3 });
    world.pass(40_000);
    world.end(world.process());
    world.pass(20_000);
    expect(warningsOf(world)).toHaveLength(1);
    world.pass(20_000);
    expect(warningsOf(world)).toHaveLength(2);
  });

  test("by its check, with the last end of that", () => {
    const world = worldWith(check);
    while (warningsOf(world).length === 0) {
      if (world.has("check")) world.end(world.process("check"), { kind: "exited", code: 7 });
      world.pass(nextDeadline(world.state) - world.now);
    }
    expect(warningsOf(world)).toEqual(["warning: not ready after 30 s: ./check exited 7"]);
  });

  test("by its check that hangs", () => {
    const world = worldWith(check);
    while (warningsOf(world).length === 0) {
      world.pass(nextDeadline(world.state) - world.now);
      const hanging = world.has("check") ? world.process("check") : null;
      if (hanging?.signals.includes("SIGKILL") === true) world.end(hanging, killed);
    }
    expect(warningsOf(world)).toEqual(["warning: not ready after 30 s: ./check was killed after 10 s"]);
  });

  test("by its check that nobody can start", () => {
    const world = worldWith(check);
    world.options.checks = "no fork";
    world.pass(30_000);
    expect(warningsOf(world)).toEqual(["warning: not ready after 30 s: ./check could not be started"]);
  });

  test("is not complained about while it is being stopped", () => {
    const world = worldWith({ kind: "notification-fd", fd: 3 });
    world.command("down");
    world.pass(60_000);
    expect(warningsOf(world)).toEqual([]);
    expect(nextDeadline(world.state)).toBe(Infinity);
  });

  test("is not complained about when it said for itself how long it takes", () => {
    const world = worldWith({ kind: "ready-after", millis: 60_000 });
    world.pass(60_000);
    expect(isReady(world.state.service)).toBe(true);
    expect(warningsOf(world)).toEqual([]);
  });
});

function warningsOf({ done }: World): readonly string[] {
  return done.filter((what) => what.startsWith("warning: "));
}
