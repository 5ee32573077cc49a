import { array, assert, boolean, integer, property, record as object } from "fast-check";
import { describe, expect, test } from "vitest";

import type { RecordedEnd } from "@upkeep/supervise/core/history";
import { noDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { Snapshot } from "@upkeep/client/core/json";
import { extentOf, placeOf, ticksOf, timelineOf, usualLength } from "@upkeep/web/core/page/timeline";

const now = 1_000_000_000;
const end = (ago: number, ranMillis: number, ready = false, code = 1): RecordedEnd => ({
  code,
  signal: null,
  core: false,
  at: new Date(now - ago).toISOString(),
  ranMillis,
  ready,
});

function snapshot(state: StatusRecord["state"], ago: number, readyAgo: number | null = null): Snapshot {
  const since = { seconds: Math.floor((now - ago) / 1000), nanoseconds: ((now - ago) % 1000) * 1e6 };
  const record: StatusRecord = { since, pid: 1, paused: false, want: "up", gotTerm: false, state };
  const readySince = readyAgo === null ? null : new Date(now - readyAgo).toISOString();
  const details = { ...noDetails, ready: readyAgo !== null, readySince };
  return { label: "web", path: null, state: { record, details }, isNormallyDown: false };
}

describe("the life of a service", () => {
  test("is its ends, the pauses between them, and what it does now", () => {
    const ends = [end(2000, 1000, true, 0), end(10_000, 500)];
    const { stretches, marks } = timelineOf(snapshot("run", 1500, 1000), ends, now);
    expect(stretches.map(({ kind, from, to }) => [kind, from - now, to - now])).toEqual([
      ["unready", -10_500, -10_000],
      ["down", -10_000, -3000],
      ["up", -3000, -2000],
      ["down", -2000, -1500],
      ["unready", -1500, -1000],
      ["up", -1000, 0],
    ]);
    expect(marks.map(({ kind, at }) => [kind, at - now])).toEqual([
      ["start", -10_500],
      ["failure", -10_000],
      ["start", -3000],
      ["end", -2000],
      ["start", -1500],
      ["ready", -1000],
    ]);
  });

  test("ends with a pause while it is down, and with its finish while that works", () => {
    const ends = [end(2000, 1000)];
    expect(timelineOf(snapshot("down", 2000), ends, now).stretches.map(({ kind }) => kind)).toEqual([
      "unready",
      "down",
    ]);
    expect(
      timelineOf(snapshot("finish", 3000), ends, now).stretches.map(({ kind, from }) => [kind, from - now]),
    ).toEqual([
      ["unready", -3000],
      ["finish", -2000],
    ]);
    const state = { severity: "fail", message: "runsv not running" } as const;
    const trouble = { label: "web", path: null, state, isNormallyDown: null };
    expect(timelineOf(trouble, [], now)).toEqual({ stretches: [], marks: [] });
  });

  test("has no gap and no overlap, whatever was on record", () => {
    const pause = integer({ min: 0, max: 100_000 });
    const lives = array(object({ pause, ran: pause, ready: boolean() }), { maxLength: 20 });
    assert(
      property(lives, pause, (all, running) => {
        let ago = running;
        const ends = all.map(({ pause: before, ran, ready }) => {
          const one = end(ago + before, ran, ready);
          ago += before + ran;
          return one;
        });
        const { stretches } = timelineOf(snapshot("run", running), ends, now);
        for (const [index, one] of stretches.entries()) {
          expect(one.to).toBeGreaterThanOrEqual(one.from);
          if (index > 0) expect(one.from).toBe(stretches[index - 1]?.to);
        }
        expect(stretches.at(-1)?.to).toBe(now);
      }),
    );
  });
});

describe("the scale", () => {
  test("shows the chosen time, or all that is on record", () => {
    const life = timelineOf(snapshot("run", 600_000), [], now);
    expect(extentOf(life, now, 300_000)).toEqual({ from: now - 300_000, to: now });
    expect(extentOf(life, now, null).from).toBeLessThan(now - 600_000);
    expect(extentOf({ stretches: [], marks: [] }, now, null)).toEqual({ from: now - 60_000, to: now });
    expect(usualLength(life, now)).toBe(3_600_000);
    const crashing = timelineOf(snapshot("run", 500), [end(1000, 100), end(2000, 100), end(9e8, 10)], now);
    expect(usualLength(crashing, now)).toBe(300_000);
  });

  test("has marks at round local times, as many as fit", () => {
    const from = Date.parse("2026-11-28T10:07:30Z");
    const { stepSeconds, at } = ticksOf({ from, to: from + 3_600_000 }, 6, 330);
    expect(stepSeconds).toBe(600);
    expect(at.map((one) => new Date(one + 330 * 60_000).toISOString().slice(11, 16))).toEqual([
      "15:40",
      "15:50",
      "16:00",
      "16:10",
      "16:20",
      "16:30",
    ]);
    const days = ticksOf({ from, to: from + 30 * 86_400_000 }, 5, 0);
    expect(days.stepSeconds % 86_400).toBe(0);
  });

  test("never has more marks than fit, and puts all moments into the picture", () => {
    const extent = object({ from: integer({ min: 0, max: 2e12 }), length: integer({ min: 1, max: 1e11 }) });
    assert(
      property(extent, integer({ min: 1, max: 20 }), integer({ min: -720, max: 840 }), (one, most, zone) => {
        const { at } = ticksOf({ from: one.from, to: one.from + one.length }, most, zone);
        expect(at.length).toBeLessThanOrEqual(most + 1);
        for (const moment of at)
          expect(placeOf(moment, { from: one.from, to: one.from + one.length })).toBeLessThanOrEqual(1);
      }),
    );
    expect(placeOf(5, { from: 0, to: 10 })).toBe(0.5);
    expect(placeOf(-5, { from: 0, to: 10 })).toBe(0);
    expect(placeOf(0, { from: 3, to: 3 })).toBe(1);
  });
});
