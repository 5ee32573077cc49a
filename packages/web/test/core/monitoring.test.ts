import type { Snapshot } from "@upkeep/client/core/json";
import { isoTime, noDetails } from "@upkeep/supervise/core/state-json";
import type { RecordedEnd } from "@upkeep/supervise/core/history";
import { countEnds, type EndCounts } from "@upkeep/web/core/ends";
import { familiesOf, type ServiceFacts } from "@upkeep/web/core/families";
import { expose } from "@upkeep/web/metrics/exposition";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const end = (count: number, code: number | null, signal: number | null = null): RecordedEnd => ({
  code,
  signal,
  core: false,
  at: isoTime({ seconds: 1_700_000_000 + count, nanoseconds: 0 }),
  ranMillis: 5,
  ready: false,
});

describe("ends", () => {
  test("from before the first look count nothing, and are named", () => {
    const first = countEnds(null, [end(2, 3), end(1, null, 9)], 2);
    expect([...first.counts]).toEqual([
      ["code 3", 0],
      ["signal 9", 0],
    ]);
    const second = countEnds(first, [end(4, 3), end(3, 3), end(2, 3), end(1, null, 9)], 4);
    expect([...second.counts]).toEqual([
      ["code 3", 2],
      ["signal 9", 0],
    ]);
    expect(countEnds(second, [], null).counts).toEqual(second.counts);
  });

  test("are each counted once, in whatever portions they are seen; those that are no longer on record as unknown", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 45 }), { maxLength: 12 }),
        fc.boolean(),
        (portions, isCounted) => {
          let ends: readonly RecordedEnd[] = [];
          let number = 0;
          let counts: EndCounts = countEnds(null, ends, isCounted ? 7 : null);
          for (const portion of portions) {
            ends = [...portion.map((code) => end(number++, code)).toReversed(), ...ends].slice(0, 20);
            counts = countEnds(counts, ends, isCounted ? 7 + number : null);
          }
          const seen = portions.map((portion) => Math.min(20, portion.length));
          const known = seen.reduce((sum, one) => sum + one, 0);
          expect([...counts.counts.values()].reduce((sum, one) => sum + one, 0)).toBe(isCounted ? number : known);
          expect(counts.counts.get("unknown") ?? 0).toBe(isCounted ? number - known : 0);
        },
      ),
    );
  });

  test("of a supervisor that counts anew are none that were missed", () => {
    const first = countEnds(null, [end(1, 3)], 90);
    const second = countEnds(first, [end(2, 3), end(1, 3)], 1);
    expect([...second.counts]).toEqual([["code 3", 1]]);
    expect([...countEnds(second, [end(3, 3), end(2, 3)], 3).counts]).toEqual([
      ["code 3", 2],
      ["unknown", 1],
    ]);
  });

  test("of very many kinds are counted together", () => {
    let counts = countEnds(null, [], 0);
    for (let code = 0; code < 256; code++) counts = countEnds(counts, [end(code, code)], code + 1);
    expect(counts.counts.size).toBe(33);
    expect(counts.counts.get("other")).toBe(224);
  });
});

const record = {
  since: { seconds: 90, nanoseconds: 0 },
  pid: 5,
  paused: false,
  want: "up",
  gotTerm: false,
  state: "run",
} as const;

function facts(name: string, more: Partial<ServiceFacts> = {}): ServiceFacts {
  const snapshot: Snapshot = {
    label: name,
    path: null,
    state: { record, details: { ...noDetails, starts: 3 } },
    isNormallyDown: null,
  };
  return {
    name,
    directory: "/s",
    snapshot,
    cpuMillis: 1500,
    residentBytes: 4096,
    processes: 1,
    openFiles: null,
    logBytes: 7,
    ends: new Map([
      ["code 3", 2],
      ["signal 9", 1],
      ["other", 4],
    ]),
    ...more,
  };
}

const directories = [{ label: null, path: "/s", error: null }];

describe("metrics", () => {
  test("are written in both formats", async () => {
    const families = familiesOf([facts("web")], directories, "1.2.3", 100);
    const old = await expose(families, "text/plain");
    expect(old.type).toMatch(/^text\/plain/);
    expect(old.text).toContain('upkeep_service_up{service="web",directory="/s"} 1\n');
    expect(old.text).toContain('upkeep_service_state_seconds{service="web",directory="/s"} 10\n');
    expect(old.text).toContain('upkeep_service_restarts_total{service="web",directory="/s"} 2\n');
    expect(old.text).not.toContain("upkeep_service_open_files{");
    const open = await expose(families, "application/openmetrics-text;version=1.0.0");
    expect(open.type).toMatch(/^application\/openmetrics-text/);
    expect(open.text).toContain("# TYPE upkeep_service_restarts counter\n");
    expect(open.text).toContain('upkeep_service_exits_total{service="web",directory="/s",code="3",signal=""} 2\n');
    expect(open.text).toContain('upkeep_service_exits_total{service="web",directory="/s",code="",signal="9"} 1\n');
    expect(open.text.endsWith("# EOF\n")).toBe(true);
  });

  test("are OpenMetrics line by line: a family is told of before its samples, which have values and names of its kind", async () => {
    const families = familiesOf([facts("web"), facts('a"\\\nb')], directories, "1.2.3", 100);
    const { text } = await expose(families, "application/openmetrics-text;version=1.0.0");
    const lines = text.split("\n");
    expect(lines.splice(-2)).toEqual(["# EOF", ""]);
    const kinds = new Map<string, string>();
    let family = "";
    for (const line of lines) {
      const [, word, name = "", rest = ""] = /^# (HELP|TYPE) ([a-z_]+) (\S.*)$/.exec(line) ?? [];
      if (word !== undefined) {
        expect([line, kinds.has(name) && word === "TYPE"]).toEqual([line, false]);
        if (word === "TYPE") kinds.set(name, rest);
        family = name;
        continue;
      }
      const sample = /^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\d+(?:\.\d+)?)$/.exec(line);
      expect([line, sample?.[1]]).toEqual([line, kinds.get(family) === "counter" ? `${family}_total` : family]);
    }
    expect(new Set(kinds.values())).toEqual(new Set(["gauge", "counter"]));
    expect(kinds.size).toBe(families.length);
  });

  test("count the time of a state from its own beginning, and say whether a log service runs", async () => {
    const ended = { code: 3, signal: null, core: false, at: "1970-01-01T00:01:38Z", ranMillis: 5 };
    const state = (more: object, details: object) => ({
      record: { ...record, ...more },
      details: { ...noDetails, ...details },
    });
    const snapshotOf = (label: string, own: Snapshot["state"], log: Snapshot["state"] | null): Snapshot => {
      const logOf = log === null ? null : { label: `${label}/log`, path: null, state: log, isNormallyDown: null };
      return { label, path: null, state: own, isNormallyDown: null, log: logOf };
    };
    const gone = { severity: "fail", message: "runsv not running" } as const;
    const up = state({}, {});
    const snapshots = [
      snapshotOf("ending", state({ state: "finish" }, { lastExit: ended }), up),
      snapshotOf("ending-below-runit", state({ state: "finish" }, {}), state({ state: "down", pid: 0 }, {})),
      snapshotOf("unlogged", up, gone),
      snapshotOf("gone", gone, gone),
    ];
    const all = snapshots.map((snapshot) => facts(snapshot.label, { snapshot }));
    const { text } = await expose(familiesOf(all, directories, "1", 100), "");
    const found = (metric: string): readonly string[] =>
      [...text.matchAll(new RegExp(`^${metric}\\{service="([\\w-]+)".*\\} (\\d+)$`, "gm"))].map(
        ([, service, value]) => `${service} ${value}`,
      );
    expect(found("upkeep_service_state_seconds")).toEqual(["ending 2", "unlogged 10"]);
    expect(found("upkeep_service_log_up")).toEqual(["ending 1", "ending-below-runit 0", "unlogged 0"]);
  });

  test("tell names apart, whatever bytes they have, and each sample once", async () => {
    const names = ["a", 'a"', "a\n", "a\\", "a\udcff", "a\udcfe", "日本"];
    const { text } = await expose(
      familiesOf(
        names.map((name) => facts(name)),
        directories,
        "1",
        100,
      ),
      "",
    );
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(new Set(samples.map((line) => line.replace(/ \S+$/, ""))).size).toBe(samples.length);
    expect(samples.filter((line) => line.startsWith("upkeep_service_up{"))).toHaveLength(names.length);
    expect(text.isWellFormed()).toBe(true);
  });

  test("say of a service without a supervisor only that", async () => {
    const state = { severity: "fail", message: "runsv not running" } as const;
    const snapshot: Snapshot = { label: "web", path: null, state, isNormallyDown: null };
    const gone = facts("web", {
      snapshot,
      cpuMillis: null,
      residentBytes: null,
      processes: 0,
      logBytes: null,
      ends: new Map(),
    });
    const { text } = await expose(familiesOf([gone], directories, "1", 100), "");
    const samples = text.split("\n").filter((line) => line.startsWith("upkeep_service"));
    expect(samples).toEqual([
      'upkeep_service_supervised{service="web",directory="/s"} 0',
      'upkeep_service_processes{service="web",directory="/s"} 0',
    ]);
  });
});
