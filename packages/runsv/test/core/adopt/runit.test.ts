import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isLeftByRunit, isOlderThan, type RunitFiles, type Sight } from "../../../src/core/adopt/runit.ts";
import { encodeStateJson } from "@upkeep/supervise/core/state-json";
import { recordOfRunit } from "@upkeep/supervise/core/runit-record";

const now = 1_700_000_000;
const at = { wall: { seconds: now, nanoseconds: 250_000_000 }, boot: 500_000 };
const kinship = { reapers: new Set([1, 5]), others: new Set([5, 900]) };

/** A moment on the wall clock so many ms ago. */
const ago = (millis: number): { readonly seconds: number; readonly nanoseconds: number } => {
  const then = now * 1000 + 250 - millis;
  return { seconds: Math.floor(then / 1000), nanoseconds: (((then % 1000) + 1000) % 1000) * 1e6 };
};

const files = (age: number, changes: Partial<RunitFiles["status"]> = {}): RunitFiles => ({
  status: { since: ago(age), pid: 1000, paused: false, want: "up", gotTerm: false, state: "run", ...changes },
  pid: "1000\n",
  pidChanged: ago(age),
});

const sight = (age: number, changes: Partial<Sight["process"]> = {}, isInDirectory = true): Sight => ({
  process: {
    pid: 1000,
    parent: 1,
    group: 70,
    session: 70,
    state: "S",
    terminalGroup: -1,
    threads: 1,
    startTicks: Math.floor((at.boot - age) / 10),
    ...changes,
  },
  isInDirectory,
});

describe("a process that runit's runsv has left", () => {
  test("is the one of both files, an orphan, and was born when they say", () => {
    expect(isLeftByRunit(files(60_000), sight(60_000), kinship, at)).toBe(true);
    expect(isLeftByRunit(files(60_000), sight(60_000, { parent: 5 }), kinship, at)).toBe(true);
  });

  test("may be of any age, and runit may note its start later", () => {
    fc.assert(
      fc.property(fc.nat(490_000), fc.nat(990), (age, late) => {
        expect(isLeftByRunit(files(age), sight(age + late), kinship, at)).toBe(true);
        expect(isLeftByRunit(files(age), sight(age + 1011 + late), kinship, at)).toBe(false);
      }),
    );
  });

  test.each([
    ["is the child of somebody", files(60_000), sight(60_000, { parent: 77 })],
    ["is above us", files(60_000, { pid: 900 }), sight(60_000, { pid: 900 })],
    ["has another pid", files(60_000), sight(60_000, { pid: 1001 })],
    ["was born later, with the same pid", files(60_000), sight(50_000)],
    ["was born before the wall clock was set", files(60_000), sight(7_260_000)],
    ["is on record as down", files(60_000, { state: "down" }), sight(60_000)],
    ["is in one file alone", { ...files(60_000), pid: "1001\n" }, sight(60_000)],
    ["is process 1", { ...files(60_000, { pid: 1 }), pid: "1\n" }, sight(60_000, { pid: 1 })],
  ])("is none that %s", (_, found, seen) => {
    expect(isLeftByRunit(found, seen, kinship, at)).toBe(false);
  });

  test("is in the directory, or was named there when it was born: a copy of the files names it later", () => {
    const copied = { ...files(60_000), pidChanged: ago(30_000) };
    expect(isLeftByRunit(copied, sight(60_000), kinship, at)).toBe(true);
    expect(isLeftByRunit(copied, sight(60_000, {}, false), kinship, at)).toBe(false);
    expect(isLeftByRunit(files(60_000), sight(60_000, {}, false), kinship, at)).toBe(true);
  });

  test("is ./finish if it was named when it was born, whenever ./run was started", () => {
    const finishing = { ...files(60_000, { state: "finish" }), pidChanged: ago(3000) };
    expect(isLeftByRunit(finishing, sight(3000), kinship, at)).toBe(true);
    expect(isLeftByRunit(finishing, sight(60_000), kinship, at)).toBe(false);
  });
});

describe("a status may be of runit's runsv beside a state.json", () => {
  const { status } = files(60_000);
  const process = { pid: 1000, group: 70, startTicks: 44_000 };
  const supervision = { name: "web", system: "s", superviseDirectory: "1:2", logPipe: null, supervisor: null };
  const text = encodeStateJson(recordOfRunit(status, process, false, supervision));

  test("that is of another state, or another version", () => {
    expect(isOlderThan({ ...status, pid: 1001 }, text)).toBe(true);
    expect(isOlderThan(status, text.replace('"version":1', '"version":2'))).toBe(true);
  });

  test("and not where that is of the same state, is about to start something, or makes no sense", () => {
    expect(isOlderThan(status, text)).toBe(false);
    const slot = JSON.stringify({ version: 1, state: "down", since: "2026-01-01T00:00:00Z", pid: null });
    const starting = `{"what":"run","at":5,"since":"2026-01-01T00:00:00Z","slot":${slot}}`;
    expect(isOlderThan({ ...status, pid: 1001 }, text.replace('"starting":null', `"starting":${starting}`))).toBe(
      false,
    );
    expect(isOlderThan(status, "{")).toBe(false);
    expect(isOlderThan(status, '{"version":"2"}')).toBe(false);
  });
});
