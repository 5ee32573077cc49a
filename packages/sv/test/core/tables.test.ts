import { describeSnapshot, renderJson, type Snapshot } from "@upkeep/client/core/json";
import { renderStatus } from "@upkeep/client/core/report";
import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { duration } from "@upkeep/client/core/amounts";
import { isPlainList, type ListStyle, renderList } from "@upkeep/sv/core/list";
import { plainRuler } from "@upkeep/sv/core/ruler";
import { ruler } from "@upkeep/sv/core/text";
import { describe, expect, test } from "vitest";

const record: StatusRecord = {
  since: { seconds: 1_700_000_000, nanoseconds: 123_456_500 },
  pid: 5,
  paused: false,
  want: "up",
  gotTerm: false,
  state: "run",
};
const now = 1_700_000_065;

const web: Snapshot = { label: "web", path: "/srv/web", state: { record, details: noDetails }, isNormallyDown: false };
const gone: Snapshot = {
  label: "a-service-with-a-long-name",
  path: null,
  state: { severity: "fail", message: "runsv not running" },
  isNormallyDown: null,
};

describe("as JSON", () => {
  test("a service under runit has all keys, null where nothing is known", () => {
    const known = describeSnapshot({ ...web, log: null }, now);
    expect(known).toEqual({
      version: 1,
      name: "web",
      path: "/srv/web",
      supervised: true,
      error: null,
      state: "run",
      pid: 5,
      since: "2023-11-14T22:13:20.123456Z",
      seconds: 65,
      want: "up",
      normallyDown: false,
      paused: false,
      gotTerm: false,
      starts: null,
      lastExit: null,
      once: null,
      processGroup: null,
      startTicks: null,
      nextStart: null,
      ready: null,
      readySince: null,
      firstReady: null,
      readiness: null,
      satisfied: null,
      waitingFor: null,
      waitingProblem: null,
      failures: null,
      failed: null,
      critical: null,
      leftBehind: null,
      log: null,
    });
    // Services without a supervisor and log services have the same keys.
    expect(Object.keys(describeSnapshot({ ...gone, log: null }, now))).toEqual(Object.keys(known));
    expect(describeSnapshot({ ...web, log: gone }, now)["log"]).toMatchObject({ error: "runsv not running" });
  });

  test("services are one array, an object a line", () => {
    expect(renderJson([])).toBe("[\n]");
    expect(renderJson([{ a: 1 }, { b: "\n" }])).toBe('[\n{"a":1},\n{"b":"\\n"}\n]');
  });
});

describe("as a table", () => {
  const style: ListStyle = { usages: null, columns: Infinity, isColoured: false, ruler };
  const lastExit = { code: null, signal: 9, core: false, at: "2023-11-14T22:12:25Z", ranMillis: 3 };
  const known = { ...noDetails, starts: 3, ready: true, lastExit };

  test("services have aligned columns, and trouble takes the rest of its line", () => {
    const full: Snapshot = { ...web, label: "db", state: { record, details: known } };
    for (const one of [style, { ...style, ruler: plainRuler }])
      expect(renderList([full, gone, web], now, one)).toEqual([
        "SERVICE                     STATE  WANT  READY  FOR    RESTARTS  LAST EXIT",
        "db                          run    up    yes    1m05s  2         signal 9, 2m00s ago",
        "a-service-with-a-long-name  runsv not running",
        "web                         run    up    -      1m05s  -         -",
      ]);
  });

  test("columns are aligned under names of any width, which cannot control the terminal", () => {
    const labels = ["日本語", "größe", "e\u0301\u{1f9d1}\u200d\u{1f4bb}", "a\x1b[31m\n\u009b1m"];
    const services = labels.map((label) => ({ ...web, label }));
    expect(renderList(services, now, style)).toEqual([
      "SERVICE              STATE  WANT  READY  FOR    RESTARTS  LAST EXIT",
      "日本語               run    up    -      1m05s  -         -",
      "größe                run    up    -      1m05s  -         -",
      "e\u0301\u{1f9d1}\u200d\u{1f4bb}                  run    up    -      1m05s  -         -",
      "a\\x1b[31m\\x0a\\x9b1m  run    up    -      1m05s  -         -",
    ]);
  });

  test("a message of others cannot control the terminal, and is cut between characters", () => {
    const odd: Snapshot = { ...gone, label: "x", state: { severity: "fail", message: "日本\x1b[2J語" } };
    expect([isPlainList([web, gone]), isPlainList([web, odd])]).toEqual([true, false]);
    expect(renderList([odd], now, { ...style, columns: 14 })[1]).toBe("x        日本…");
    expect(renderList([odd], now, style)[1]).toBe("x        日本\\x1b[2J語");
  });

  test.each<readonly [string, string, StatusRecord, Partial<StateDetails>]>([
    ["yes", "is ready", record, { ready: true, readiness: "check" }],
    ["no", "declares its readiness", record, { ready: false, readiness: "check" }],
    ["-", "may be a job", record, { ready: false }],
    ["-", "is down", { ...record, state: "down", pid: 0 }, { ready: false, readiness: "check" }],
    ["done", "was a job", { ...record, state: "down", pid: 0, want: "down" }, { ready: true, satisfied: true }],
    ["waits", "waits", { ...record, state: "down", pid: 0 }, { ready: false, waitingFor: ["db"] }],
    ["failed", "has failed", record, { ready: true, failed: { reason: "finish", text: "", at: "" } }],
  ])("READY is %s for a service that %s", (expected, _title, of, changes) => {
    const service: Snapshot = { ...web, state: { record: of, details: { ...noDetails, ...changes } } };
    expect(renderList([service], now, style)[1]?.split(/ +/)[3]).toBe(expected);
  });

  test.each([
    [0, "0s"],
    [-5, "0s"],
    [59, "59s"],
    [60, "1m00s"],
    [3599, "59m59s"],
    [3600, "1h00m"],
    [86_399, "23h59m"],
    [86_400, "1d00h"],
    [1e8, "1157d09h"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe("status line", () => {
  const line = (changes: object, of: StatusRecord = record): string =>
    renderStatus("web", of, { nowSeconds: now, isNormallyDown: false, details: { ...noDetails, ...changes } });
  const down: StatusRecord = { ...record, pid: 0, state: "down" };

  test("tells readiness only of a service that declares it", () => {
    expect(line({ ready: true })).toBe("run: web: (pid 5) 65s");
    expect(line({ ready: false, readiness: "check" })).toBe("run: web: (pid 5) 65s, not ready");
    expect(line({ ready: true, readiness: "check", readySince: "2023-11-14T22:13:30.5Z" })).toBe(
      "run: web: (pid 5) 65s, ready 55s",
    );
    expect(line({ ready: false, readiness: "check" }, down)).toBe("down: web: 65s, normally up, want up");
  });

  test("tells what a service that is not running has left in the background", () => {
    const leftBehind = { pid: 77, name: "nginx" };
    expect(line({ leftBehind }, down)).toBe(
      "down: web: 65s, normally up, want up, left nginx (pid 77) in the background",
    );
    expect(line({ leftBehind })).toBe("run: web: (pid 5) 65s");
  });

  test("tells what a service waits for, and why it has failed", () => {
    expect(line({ waitingFor: [] }, down)).toBe("down: web: 65s, normally up, want up");
    expect(line({ waitingFor: ["db", "cache"] }, down)).toBe(
      "down: web: 65s, normally up, want up, waiting for db cache",
    );
    expect(line({ waitingFor: ["db"], waitingProblem: 'dependency "db" does not exist' }, down)).toBe(
      'down: web: 65s, normally up, want up, waiting for db (dependency "db" does not exist)',
    );
    expect(line({ failed: { reason: "restart-limit", text: "3 failures within 10 seconds", at: "" } }, down)).toBe(
      "down: web: 65s, normally up, want up, failed: 3 failures within 10 seconds",
    );
  });
});

describe("a list on a terminal", () => {
  const failed: Snapshot = {
    ...web,
    label: "db",
    state: {
      record: { ...record, state: "down", pid: 0 },
      details: { ...noDetails, failed: { reason: "restart-limit", text: "", at: null } },
    },
  };

  test("has columns for processor and memory, if they are asked for", () => {
    const usages = [{ cpuMillis: 61_000, residentBytes: 3 << 20 }, null];
    const lines = renderList([web, failed], now, { usages, columns: Infinity, isColoured: false, ruler });
    expect(lines).toEqual([
      "SERVICE  STATE  WANT  READY   FOR    RESTARTS  CPU    MEMORY  LAST EXIT",
      "web      run    up    -       1m05s  -         1m01s  3.0M    -",
      "db       down   up    failed  1m05s  -         -      -       -",
    ]);
  });

  test("is cut at its width, also behind colours, which mark the state alone", () => {
    for (const one of [ruler, plainRuler]) {
      const style = { usages: null, columns: 16, isColoured: true, ruler: one };
      expect(renderList([web, failed], now, style)).toEqual([
        "SERVICE  STATE …",
        "web      \x1b[32mrun\x1b[0m   …",
        "db       \x1b[31mdown\x1b[0m  …",
      ]);
    }
  });
});
