import { describe, expect, test } from "vitest";

import type { Snapshot } from "@upkeep/client/core/json";
import { judge } from "@upkeep/web/core/page/judge";
import { chosen, countMoods, firstChoice, fullName, keptRow, sortedBy } from "@upkeep/web/core/page/rows";
import { lastEndWords, percentText, ranWords } from "@upkeep/web/core/page/words";

import { down, iso, now, off, service, snapshot, unsupervised } from "./services.ts";

const end = (ago: number, code: number | null = 1, signal: number | null = null) => ({
  code,
  signal,
  core: false,
  at: iso(ago),
  ranMillis: 5,
});
const failed = { failed: { reason: "restart-limit", text: "3 failures", at: iso(5) } };
const ready = { ready: true, readiness: "check" };
const young = { since: { seconds: now - 3, nanoseconds: 0 } };

describe("a judgement", () => {
  test.each([
    [unsupervised, "unsupervised", "bad"],
    [snapshot("a", down, failed), "failed", "bad"],
    [snapshot("a", down, { waitingFor: ["db"] }), "waiting", "busy"],
    [snapshot("a", down, { ready: true, satisfied: true }), "done", "good"],
    [snapshot("a", { state: "finish" }), "ending", "busy"],
    [snapshot("a", down), "restarting", "busy"],
    [snapshot("a", off), "down", "off"],
    [snapshot("a", { want: "down" }), "stopping", "busy"],
    [snapshot("a", { want: "down" }, { once: true }), "up", "good"],
    [snapshot("a", { paused: true }), "paused", "busy"],
    [snapshot("a", {}, { ready: false, readiness: "check" }), "starting", "busy"],
    [snapshot("a", {}, ready), "ready", "good"],
    [snapshot("a", {}, { ready: true }), "up", "good"],
    [snapshot("a", young, { lastExit: end(4) }), "up", "busy"],
    [snapshot("a", young, { lastExit: end(4, 0) }), "up", "good"],
    [snapshot("a", young, { lastExit: end(4, null, 15) }), "up", "good"],
    [snapshot("a", {}, { lastExit: end(4) }), "up", "good"],
  ] as const)("%# is %s", (one, word, mood) => {
    expect(judge(one, now)).toEqual({ word, mood });
  });

  const withLog = (own: Snapshot, log: Snapshot): Snapshot => ({ ...own, log });
  test.each([
    [snapshot("log"), "up", "good"],
    [snapshot("log", off), "up", "good"],
    [snapshot("log", young, { lastExit: end(4, 0) }), "up", "good"],
    [snapshot("log", down), "log fails", "bad"],
    [snapshot("log", young, { lastExit: end(4) }), "log fails", "bad"],
    [snapshot("log", { paused: true }), "log fails", "bad"],
    [unsupervised, "log fails", "bad"],
  ] as const)("of a service that is up with log service %# is %s", (log, word, mood) => {
    expect(judge(withLog(snapshot("a"), log), now)).toEqual({ word, mood });
    expect(judge(withLog(snapshot("a", down, failed), log), now).word).toBe("failed");
    expect(countMoods([service(withLog(snapshot("a", off), log))], now)[mood === "bad" ? "bad" : "off"]).toBe(1);
  });
});

describe("the rows", () => {
  const services = [
    service(snapshot("db")),
    service(snapshot("mail", down, failed)),
    service(snapshot("web-1", {}, ready)),
    service(snapshot("web-2", off)),
  ];
  const names = (change: Partial<typeof firstChoice>): readonly string[] =>
    chosen(services, { ...firstChoice, ...change }, now).map(({ id }) => id);

  test("are found by parts of names and begins of states, all of them, or none of them", () => {
    expect(names({})).toEqual(["db", "mail", "web-1", "web-2"]);
    expect(names({ typed: "WEB" })).toEqual(["web-1", "web-2"]);
    expect(names({ typed: "web down" })).toEqual(["web-2"]);
    expect(names({ typed: "fail" })).toEqual(["mail"]);
    expect(names({ typed: "!web !fail !" })).toEqual(["db"]);
    expect(names({ mood: "good" })).toEqual(["db", "web-1"]);
  });

  test("are found by their directory where there are several", () => {
    const two = [service(snapshot("web"), { place: "user" }), service(snapshot("web"), { place: "system", id: "x" })];
    const found = (typed: string): readonly (string | null)[] =>
      chosen(two, { ...firstChoice, typed }, now).map(({ place }) => place);
    expect(found("user:")).toEqual(["user"]);
    expect(found("system:we")).toEqual(["system"]);
    expect(found("user")).toEqual([]);
    expect(names({ typed: "null:" })).toEqual([]);
    expect([...two, ...services.slice(0, 1)].map(fullName)).toEqual(["user:web", "system:web", "db"]);
  });

  test("are counted by moods, and sorted by what needs somebody", () => {
    expect(countMoods(services, now)).toEqual({ bad: 1, busy: 0, good: 2, off: 1 });
    const byState = sortedBy(firstChoice, "state");
    expect(names(byState)[0]).toBe("mail");
    expect(sortedBy(byState, "state").sort).toEqual({ key: "state", isReversed: true });
    expect(names(sortedBy(byState, "state"))[0]).toBe("web-2");
  });

  test("keep the one that is selected, or what has come to its place", () => {
    expect(keptRow(services, "web-1", 0)).toBe(2);
    expect(keptRow(services, "gone", 1)).toBe(1);
    expect(keptRow(services, "gone", 9)).toBe(3);
    expect(keptRow([], "gone", 9)).toBe(0);
  });
});

test("words tell how a service ended, and what it uses", () => {
  expect(lastEndWords(snapshot("a", {}, { lastExit: end(65) }), now)).toBe("exited 1, 1m05s ago");
  expect(lastEndWords(snapshot("a", {}, { lastExit: { ...end(5, null, 11), core: true } }), now)).toBe(
    "killed by SEGV, core dumped, 5s ago",
  );
  expect(lastEndWords(snapshot("a", {}, { lastExit: { ...end(5, null, 40), at: null } }), now)).toBe(
    "killed by signal 40",
  );
  expect(lastEndWords(snapshot("a", {}, { lastExit: end(5, null) }), now)).toBe("ended, 5s ago");
  expect(lastEndWords(snapshot("a"), now)).toBe("");
  expect(lastEndWords(unsupervised, now)).toBe("");
  expect([percentText(null), percentText({ percent: null, residentBytes: 1, processes: 1 })]).toEqual(["–", "–"]);
  expect(percentText({ percent: 0.26, residentBytes: 1, processes: 1 })).toBe("0.3 %");
  expect(percentText({ percent: 399.6, residentBytes: 1, processes: 1 })).toBe("400 %");
  expect([ranWords(20), ranWords(185_000)]).toEqual(["20 ms", "3m05s"]);
});
