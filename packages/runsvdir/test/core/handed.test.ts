import { expect, test } from "vitest";

import { childrenOf, decodeHanded, encodeHanded, isSettled, underWay } from "../../src/core/handed.ts";
import { initialState, put, type Runsv, type State } from "../../src/core/state.ts";

function stateWith(...all: readonly Runsv[]): State {
  const empty = initialState({ isOrderly: false, stopTimeout: 1000 });
  return all.reduce<State>((state, runsv, at) => {
    return put(state, `1:${at}`, { name: `s${at}`, place: "", isListed: true, runsv, failure: 0 });
  }, empty);
}

const running: Runsv = { kind: "running", pid: 7, since: 0, follows: true };

test("what is handed over comes through JSON as it was", () => {
  const children = [{ identity: "1:2", pid: 7, follows: false }];
  const handed = { children, engines: new Map([["1:3", { check: null }]]), events: { read: 4, write: 5 }, title: null };
  expect(decodeHanded(JSON.parse(JSON.stringify(encodeHanded(handed))))).toEqual(handed);
});

test("what is missing or wrong counts as nothing", () => {
  const nothing = { children: [], engines: new Map(), events: null, title: null };
  for (const value of [null, undefined, 1, "x", {}, { children: {}, engines: 1, events: {}, title: [] }]) {
    expect(decodeHanded(value)).toEqual(nothing);
  }
  expect(decodeHanded({ children: [{ identity: "1:2", pid: -1, follows: true }], engines: [["1:2"]] })).toEqual(
    nothing,
  );
});

test("only processes are handed over as children", () => {
  const state = stateWith(running, { ...running, pid: -1 }, { kind: "none", startAt: 0 });
  expect(childrenOf(state)).toEqual([{ identity: "1:0", pid: 7, follows: true }]);
});

test("a start, a service that has to go and a stop are not interrupted", () => {
  expect(underWay(stateWith(running))).toBeNull();
  expect(underWay(stateWith({ kind: "none", startAt: 9 }))).toBeNull();
  expect(underWay(stateWith(running, { kind: "starting", isLast: false }))).toBe("runsv s1 is being started");
  expect(underWay(stateWith({ kind: "leaving", pid: 7, isLast: false }))).toContain("s0 has been told to go");
  expect(underWay({ ...stateWith(), phase: { kind: "ended" } })).toContain("stopped");
});

test("all is settled when nothing is started, or due", () => {
  expect(isSettled(stateWith(running, { kind: "none", startAt: 9 }), 8)).toBe(true);
  expect(isSettled(stateWith(running, { kind: "none", startAt: 9 }), 9)).toBe(false);
  expect(isSettled(stateWith({ kind: "starting", isLast: false }), 8)).toBe(false);
});
