import { errno } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import type { Listed } from "../../src/core/scan.ts";
import { valuesOf } from "../../src/core/shared-map.ts";
import { nextDeadline } from "../../src/core/step.ts";
import { HandClock } from "../helpers/hand-clock.ts";

const noFork = { errno: errno.EAGAIN, isFork: true };
const noRunsv = { errno: errno.ENOENT, isFork: false };

describe("a runsv", () => {
  test("is started for each directory, at once", () => {
    expect(new HandClock().listed("b", "a").done()).toEqual(["start a", "start b"]);
  });

  test("that dies after more than a second is replaced at once", () => {
    const world = new HandClock().listed("a").turn(1500);
    world.done();
    expect(world.crashed(100).done()).toEqual(["start a"]);
    expect(world.turn(1500).killed(101).done()).toEqual(["start a"]);
  });

  test("that was asked to end is replaced a second later, so that clients see it gone", () => {
    const world = new HandClock().listed("a").turn(1500);
    world.done();
    expect(world.exited(100).turn(999).done()).toEqual([]);
    expect(world.turn(1).done()).toEqual(["start a"]);
    expect(world.turn(10).exited(101).turn(999).done()).toEqual([]);
    expect(world.turn(1).done()).toEqual(["start a"]);
  });

  test("that dies again and again is replaced once a second", () => {
    const world = new HandClock().listed("a");
    world.done();
    expect(world.turn(10).crashed(100).turn(989).done()).toEqual([]);
    expect(world.turn(1).done()).toEqual(["start a"]);
    expect(world.killed(101).turn(999).done()).toEqual([]);
    expect(world.turn(1).done()).toEqual(["start a"]);
  });

  test("is replaced under the name that its entry has by then", () => {
    const world = new HandClock().listed("a").turn(2000);
    world.listed({ kind: "directory", name: "b", identity: "id:a", place: "/b" }).done();
    expect(world.crashed(100).done()).toEqual(["start b"]);
  });

  test("of a removed entry gets TERM once and is not replaced", () => {
    const world = new HandClock().listed("a").turn(2000);
    world.done();
    expect(world.listed().listed().done()).toEqual(["SIGTERM 100"]);
    expect(world.exited(100).turn(10_000).done()).toEqual([]);
    expect(world.state.services.size).toBe(0);
  });

  test("of an entry that comes back is waited for before the next one starts", () => {
    const world = new HandClock().listed("a").turn(2000).listed();
    world.done();
    expect(world.listed("a").turn(5000).done()).toEqual([]);
    expect(world.exited(100).done()).toEqual(["start a"]);
  });

  test("of an entry that comes back and goes again gets TERM again, as it may have been called back meanwhile", () => {
    const world = new HandClock().listed("a").turn(2000).listed();
    world.done();
    expect(world.listed("a").listed().listed().done()).toEqual(["SIGTERM 100"]);
    expect(world.exited(100).turn(10_000).done()).toEqual([]);
  });

  test("moves over when its directory is made anew under the same name", () => {
    const world = new HandClock();
    world.follows = true;
    world.listed("a", "b").turn(2000).done();
    const anew: Listed = { kind: "directory", name: "a", identity: "id:other", place: "/a" };
    expect(world.listed(anew, "b").done()).toEqual(["move 100"]);
    expect(world.listed(anew, "b").turn(10_000).done()).toEqual([]);
    // It is the runsv of the new directory from now on.
    expect(world.crashed(100).done()).toEqual(["start a"]);
    expect(world.listed("b").done()).toEqual(["SIGTERM 102"]);
  });

  test("is replaced when its entry leads to a directory elsewhere", () => {
    const world = new HandClock();
    world.follows = true;
    world.listed("a").turn(2000).done();
    const elsewhere: Listed = { kind: "directory", name: "a", identity: "id:other", place: "/elsewhere/a" };
    expect(world.listed(elsewhere).done()).toEqual(["SIGTERM 100", "start a"]);
  });

  test("that cannot move over is told to go, and the new directory gets another", () => {
    const world = new HandClock().listed("a").turn(2000);
    world.done();
    const anew: Listed = { kind: "directory", name: "a", identity: "id:other", place: "/a" };
    expect(world.listed(anew).done()).toEqual(["SIGTERM 100", "start a"]);
  });

  test("does not start when its entry went before its turn came", () => {
    const world = new HandClock().listed("a");
    world.turn(10).exited(100).done();
    expect(world.listed().turn(10_000).done()).toEqual([]);
  });

  test("that nobody knows is passed over", () => {
    const world = new HandClock().listed("a");
    world.done();
    expect(world.exited(4711).done()).toEqual([]);
  });
});

describe("a runsv that lives on without its runsvdir", () => {
  const adopting = (policy = {}): HandClock => {
    const world = new HandClock(policy);
    world.orphans.set("id:a", 7);
    world.listed("a").done();
    return world;
  };

  test("is adopted, told to go like any other, and not replaced then", () => {
    const world = adopting();
    expect(world.pidOf("a")).toBe(7);
    expect(world.listed().done()).toEqual(["SIGTERM 7"]);
    expect(world.exited(7).turn(10_000).done()).toEqual([]);
  });

  test("is replaced at once when it is killed right after that", () => {
    const world = adopting();
    expect(world.killed(7).done()).toEqual(["start a"]);
    expect(world.killed(100).turn(999).done()).toEqual([]);
    expect(world.turn(1).done()).toEqual(["start a"]);
  });

  test("is stopped in order, and what it leaves when it is killed is ended", () => {
    const world = adopting({ isOrderly: true });
    expect(world.signal("SIGTERM").done()).toEqual(["SIGTERM 7"]);
    expect(world.killed(7).done()).toEqual(["last start a"]);
    expect(world.exited(100).done()).toEqual(["end 0"]);
  });

  test("is told to go where a stop finds it first", () => {
    const world = new HandClock({ isOrderly: true });
    world.listed("a").turn(10).killed(100).done();
    world.orphans.set("id:a", 7);
    expect(world.signal("SIGTERM").done()).toEqual(["last start a", "SIGTERM 7"]);
    expect(world.exited(7).done()).toEqual(["end 0"]);
  });
});

describe("a start", () => {
  test("of many lets other events have their turn", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `s${index}`);
    const world = new HandClock();
    world.listed(...names);
    expect(world.done().filter((line) => line.startsWith("start"))).toHaveLength(1000);
    expect(nextDeadline(world.state)).toBe(Infinity);
  });

  test("that fails is told once and tried again each second", () => {
    const world = new HandClock();
    world.failures.push(noRunsv, noRunsv);
    world.listed("a");
    expect(world.done()).toEqual(["start a", "fatal: unable to start runsv a: file does not exist"]);
    expect(world.turn(1000).done()).toEqual(["start a"]);
    expect(world.turn(1000).done()).toEqual(["start a"]);
    expect(world.pidOf("a")).toBe(100);
  });

  test("that fails for another reason is told again", () => {
    const world = new HandClock();
    world.failures.push(noRunsv, { errno: errno.EACCES, isFork: false });
    world.listed("a").turn(1000);
    expect(world.done()).toContain("fatal: unable to start runsv a: access denied");
  });

  test("without a process to be had puts off all others", () => {
    const world = new HandClock();
    world.failures.push(noFork);
    const names = Array.from({ length: 20 }, (_, index) => `s${10 + index}`);
    world.listed(...names);
    const first = world.done();
    expect(first).toContain("warning: unable to fork for s10: temporary failure");
    expect(first.filter((line) => line.startsWith("start")).length).toBeLessThan(20);
    expect(
      world
        .listed(...names, "one-more")
        .turn(999)
        .done(),
    ).toEqual([]);
    world.turn(2000);
    expect(valuesOf(world.state.services).every(({ runsv }) => runsv.kind === "running")).toBe(true);
  });

  test("by a name that leads elsewhere asks for a new look at the directory", () => {
    const world = new HandClock();
    world.failures.push("changed");
    expect(world.listed("a").done()).toEqual(["start a", "rescan"]);
    expect(world.listed({ kind: "directory", name: "b", identity: "id:a", place: "/b" }).done()).toEqual(["start b"]);
  });
});

describe("a name that cannot be looked at", () => {
  test("is told with the reason", () => {
    const world = new HandClock().listed({ kind: "failed", name: "x", errno: errno.ENOENT });
    expect(world.done()).toEqual(["warning: unable to stat x: file does not exist"]);
  });
});

test("an idle supervisor has no deadline", () => {
  expect(nextDeadline(new HandClock().listed("a", "b").turn(60_000).state)).toBe(Infinity);
});
