import { errno } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import { initialState } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import { HandClock } from "../helpers/hand-clock.ts";

const orderly = (...names: readonly string[]): HandClock => {
  const world = new HandClock({ isOrderly: true }).listed(...names).turn(2000);
  world.done();
  return world;
};

describe("as runit", () => {
  const plain = (): HandClock => {
    const world = new HandClock().listed("a", "b").turn(2000);
    world.done();
    return world;
  };

  test("TERM ends at once with 0 and leaves every runsv alone", () => {
    expect(plain().signal("SIGTERM").done()).toEqual(["end 0"]);
  });

  test("HUP sends TERM to each runsv and ends at once with 111", () => {
    expect(plain().signal("SIGHUP").done()).toEqual(["SIGTERM 100", "SIGTERM 101", "end 111"]);
  });

  test("INT is its default death when nobody typed it", () => {
    expect(plain().signal("SIGINT").done()).toEqual(["die SIGINT"]);
  });

  test("HUP does not send a second TERM to a runsv that is leaving", () => {
    const world = plain().listed("a");
    world.done();
    expect(world.signal("SIGHUP").done()).toEqual(["SIGTERM 100", "end 111"]);
  });

  test("HUP reminds a runsv that was leaving, whose entry is back: it may have been called back", () => {
    const world = plain().listed("a").listed("a", "b");
    expect(world.done()).toEqual(["SIGTERM 101"]);
    expect(world.signal("SIGHUP").done()).toEqual(["SIGTERM 100", "remind 101", "end 111"]);
  });

  test("nothing happens after the end", () => {
    const world = plain().signal("SIGTERM");
    world.done();
    expect(world.exited(100).listed("c").signal("SIGHUP").turn(10_000).done()).toEqual([]);
  });
});

describe("an orderly stop", () => {
  test.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)("follows on %s when asked for", (signal) => {
    expect(orderly("a").signal(signal).done()).toEqual(["SIGTERM 100"]);
  });

  test("follows on an INT that was typed", () => {
    const world = new HandClock().listed("a");
    world.done();
    expect(world.signal("SIGINT", true).done()).toEqual(["SIGTERM 100"]);
  });

  test("ends with 0 the moment the last runsv is gone", () => {
    const world = orderly("a", "b").signal("SIGTERM");
    world.done();
    expect(world.exited(101).done()).toEqual([]);
    expect(world.turn(100).exited(100).done()).toEqual(["end 0"]);
  });

  test("with no services ends at once", () => {
    expect(orderly().signal("SIGTERM").done()).toEqual(["end 0"]);
  });

  test("starts nothing any more that is new", () => {
    const world = orderly("a", "b");
    world.signal("SIGTERM").done();
    expect(world.listed("a", "b", "c").turn(1500).done()).toEqual([]);
    expect(world.exited(100).exited(101).done()).toEqual(["end 0"]);
  });

  test("starts a last runsv where one is to be restarted, which leaves by itself", () => {
    const world = orderly("a", "b").killed(100).killed(102);
    world.done();
    expect(world.signal("SIGTERM").done()).toEqual(["last start a", "SIGTERM 101"]);
    expect(world.exited(101).turn(100).done()).toEqual([]);
    expect(world.exited(103).done()).toEqual(["end 0"]);
  });

  test("starts a last runsv after one that was killed, as by a TERM that it was not prepared for, and no other", () => {
    const world = orderly("a").signal("SIGTERM");
    world.done();
    expect(world.killed(100).done()).toEqual(["last start a"]);
    expect(world.killed(101).done()).toEqual(["end 0"]);
  });

  test("starts no last runsv for an entry that is gone", () => {
    const world = orderly("a").listed().signal("SIGTERM");
    world.done();
    expect(world.killed(100).done()).toEqual(["end 0"]);
  });

  test("starts a last runsv in its turn", () => {
    const world = orderly("db", "web").signal("SIGTERM", false, { web: ["db"] });
    expect(world.done()).toEqual(["SIGTERM 101"]);
    expect(world.killed(100).done()).toEqual([]);
    expect(world.exited(101).done()).toEqual(["last start db"]);
    expect(world.exited(102).done()).toEqual(["end 0"]);
  });

  test("goes on when a last runsv cannot be started, and says so", () => {
    const world = orderly("a").signal("SIGTERM");
    world.done();
    world.failures.push({ errno: errno.EAGAIN, isFork: true });
    expect(world.killed(100).done()).toEqual([
      "last start a",
      "warning: unable to fork for a: temporary failure",
      "end 0",
    ]);
  });

  test("sends TERM to a runsv whose start is answered only then", () => {
    const listing = [{ kind: "directory", name: "a", identity: "1:2", place: "/a" }] as const;
    const policy = { isOrderly: true, stopTimeout: 7000 };
    const { state: starting } = step(initialState(policy), { kind: "listed", listing, at: 0 });
    const { state: stopping, effects } = step(starting, {
      kind: "signal",
      signal: "SIGTERM",
      isTyped: false,
      needs: new Map(),
      at: 1,
    });
    expect(effects).toEqual([]);
    const answered = step(stopping, { kind: "started", identity: "1:2", pid: 100, follows: false, at: 2 });
    expect(answered.effects).toEqual([{ kind: "signal", pid: 100, signal: "SIGTERM" }]);
    expect(step(answered.state, { kind: "exited", pid: 100, end: "success", at: 3 }).effects).toEqual([
      { kind: "end", code: 0 },
    ]);
  });

  test("waits for the runsv of an entry that was removed before", () => {
    const world = orderly("a", "b").listed("a").signal("SIGTERM").exited(100);
    world.done();
    expect(world.exited(101).done()).toEqual(["end 0"]);
  });

  test("reminds a runsv that was leaving, whose entry is back: it may have been called back", () => {
    const world = orderly("db", "web").listed("web").listed("db", "web");
    expect(world.done()).toEqual(["SIGTERM 100"]);
    expect(world.signal("SIGTERM").done()).toEqual(["remind 100", "SIGTERM 101"]);
    expect(world.exited(101).exited(100).done()).toEqual(["end 0"]);
  });

  test("cannot remind a runsv whose entry is gone", () => {
    const world = orderly("db", "web").listed("web").signal("SIGTERM").exited(101);
    expect(world.done()).toEqual(["SIGTERM 100", "SIGTERM 101"]);
    expect(world.turn(2000).done()).toEqual(["warning: waiting for db"]);
  });

  test("says every 2 s whom it waits for, and reminds them", () => {
    const world = orderly("a", "b", "c").signal("SIGTERM").exited(101);
    world.done();
    expect(world.turn(1999).done()).toEqual([]);
    expect(world.turn(1).done()).toEqual(["warning: waiting for a, c", "remind 100", "remind 102"]);
    expect(world.exited(102).turn(2000).done()).toEqual(["warning: waiting for a", "remind 100"]);
  });

  test("names a few of many", () => {
    const world = orderly(...Array.from({ length: 100 }, (_, index) => `s${100 + index}`)).signal("SIGTERM");
    world.done();
    expect(world.turn(2000).done()[0]).toBe(
      "warning: waiting for s100, s101, s102, s103, s104, s105, s106, s107 and 92 more",
    );
  });

  test("kills the services at the time-out, then their runsv, and ends with 0", () => {
    const world = orderly("a", "b").signal("SIGTERM").exited(100);
    world.turn(6999).done();
    expect(world.turn(1).done()).toEqual(["warning: unable to stop b in time, sending kill", "force b", "remind 101"]);
    expect(world.turn(1999).done()).toEqual([]);
    expect(world.turn(1).done()).toEqual(["warning: unable to stop b, killing runsv", "SIGKILL 101", "end 0"]);
  });

  test("ends when the kill helps", () => {
    const world = orderly("a").signal("SIGTERM").turn(7100);
    world.done();
    expect(world.exited(100).done()).toEqual(["end 0"]);
  });

  test("does not force a service whose entry is gone, as its name may be another's", () => {
    const world = orderly("a", "b").listed("a").signal("SIGTERM").turn(6999);
    world.done();
    const done = world.turn(1).done();
    expect(done).toContain("force a");
    expect(done).not.toContain("force b");
  });

  test("takes the time-out that it was given", () => {
    const world = new HandClock({ isOrderly: true, stopTimeout: 500 }).listed("a").signal("SIGTERM");
    world.done();
    expect(world.turn(500).done()).toEqual([
      "warning: unable to stop a in time, sending kill",
      "force a",
      "remind 100",
    ]);
  });

  test("is shortened by a later signal, and by one more", () => {
    const world = orderly("a").signal("SIGTERM").turn(1000);
    world.done();
    expect(world.signal("SIGTERM").done()).toEqual([
      "warning: unable to stop a in time, sending kill",
      "force a",
      "remind 100",
    ]);
    expect(world.turn(1000).signal("SIGINT").done()).toEqual([
      "warning: unable to stop a, killing runsv",
      "SIGKILL 100",
      "end 0",
    ]);
  });

  test("takes signals within half a second for one request, as a Ctrl-C may arrive more than once", () => {
    const world = orderly("a").signal("SIGINT");
    world.done();
    expect(world.signal("SIGINT").turn(499).signal("SIGTERM").done()).toEqual([]);
    expect(world.turn(1).signal("SIGINT").signal("SIGINT").done()).toEqual([
      "warning: unable to stop a in time, sending kill",
      "force a",
      "remind 100",
    ]);
  });
});

describe("a parent that says that the time is over", () => {
  const forced = ["warning: unable to stop a in time, sending kill", "force a", "remind 100"];

  test("has the services killed at once, also within half a second, and once", () => {
    const world = orderly("a").signal("SIGTERM");
    world.done();
    expect(world.timeOver().done()).toEqual(forced);
    expect(world.turn(1999).timeOver().done()).toEqual([]);
    expect(world.turn(1).done()).toEqual(["warning: unable to stop a, killing runsv", "SIGKILL 100", "end 0"]);
  });

  test("may be heard before its TERM, which then is the same request", () => {
    const world = orderly("a").timeOver();
    expect(world.done()).toEqual(["SIGTERM 100", ...forced]);
    expect(world.signal("SIGTERM").done()).toEqual([]);
    expect(world.exited(100).done()).toEqual(["end 0"]);
  });

  test("changes nothing where no stop is an orderly one, nor after the end", () => {
    const plain = new HandClock().listed("a");
    plain.done();
    expect(plain.timeOver().turn(100).done()).toEqual([]);
    expect(plain.signal("SIGTERM").timeOver().done()).toEqual(["end 0"]);
  });
});
