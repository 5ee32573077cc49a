import { decodeStateJson, type StateRecord } from "@upkeep/supervise/core/state-json";
import { describe, expect, test } from "vitest";

import { isAtRest, supervisorOf } from "../../src/core/orphan.ts";

const supervisor = { pid: 9, startTicks: 90, parent: "7 70", session: 5, group: 6 };

function record(fields: Readonly<Record<string, unknown>>): StateRecord {
  const found = decodeStateJson(JSON.stringify({ version: 1, system: "this", supervisor, ...fields }));
  if (found === null) throw new Error("no record");
  return found;
}

describe("the runsv on record", () => {
  test("is named by pid, start and the pid of its parent", () => {
    expect(supervisorOf(record({}), "this")).toEqual({ pid: 9, startTicks: 90, parent: 7 });
  });

  test("is none of another run of the system, or where that is not known", () => {
    expect(supervisorOf(record({}), "other")).toBe(null);
    expect(supervisorOf(record({}), null)).toBe(null);
    expect(supervisorOf(record({ system: null }), null)).toBe(null);
  });

  test("is none where a part is missing, as in the record of an older runsv", () => {
    for (const missing of ["pid", "startTicks", "parent"]) {
      expect(supervisorOf(record({ supervisor: { ...supervisor, [missing]: undefined } }), "this")).toBe(null);
    }
    expect(supervisorOf(record({ supervisor: null }), "this")).toBe(null);
  });
});

test("a slot is at rest when it is down and nothing is about to be started", () => {
  expect(isAtRest(record({ state: "down" }))).toBe(true);
  expect(isAtRest(record({ state: "run" }))).toBe(false);
  expect(isAtRest(record({ state: "finish" }))).toBe(false);
  const starting = { what: "run", at: 1, since: null, slot: { version: 1 } };
  expect(isAtRest(record({ state: "down", starting }))).toBe(false);
});
