import { readFileSync } from "node:fs";

import { describePicture, type Picture } from "@upkeep/client/core/picture";
import { expect, test } from "vitest";
import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { type Canvas, renderPicture } from "@upkeep/sv/core/show";

const now = 1_000_000;
const running: StatusRecord = {
  state: "run",
  pid: 7,
  since: { seconds: now - 185, nanoseconds: 0 },
  paused: false,
  want: "up",
  gotTerm: false,
};
const end = {
  code: 1,
  signal: null,
  core: false,
  at: new Date((now - 200) * 1000).toISOString(),
  ranMillis: 20,
  ready: false,
};

function picture(
  details: Partial<StateDetails>,
  record: Partial<StatusRecord> = {},
  more: Partial<Picture> = {},
): Picture {
  const state = { record: { ...running, ...record }, details: { ...noDetails, ...details } };
  return {
    snapshot: { label: "web", path: "/sv/web", state, isNormallyDown: false, log: null },
    needs: [],
    neededBy: [],
    settings: {},
    processes: [],
    ends: [],
    lastLines: [],
    ...more,
  };
}

const canvas: Canvas = {
  nowSeconds: now,
  showTime: (micros) => `T${micros / 1e6}`,
  fit: (text) => text.slice(0, 80),
  paint: (text, mood) => `${text}${mood}`,
};

test("a picture tells state, readiness, neighbours, settings, processes, ends, lines and what comes next", () => {
  const details = {
    want: "up",
    readiness: "notification-fd",
    ready: true,
    readySince: new Date((now - 60) * 1000).toISOString(),
    starts: 3,
  } as const;
  const process = { cpuMillis: 1234, residentBytes: 5 << 20, command: "nginx" };
  const processes = [
    { ...process, pid: 7, parent: 1 },
    { ...process, pid: 9, parent: 7, residentBytes: null },
    { ...process, pid: 10, parent: 9 },
    { ...process, pid: 11, parent: 1 },
  ];
  const more: Partial<Picture> = {
    needs: [{ name: "db", state: "ready" }],
    neededBy: [{ name: "app", state: "down" }],
    settings: { "timeout-kill": "5000", "log-prefix": "" },
    processes,
    ends: [end],
    lastLines: ["one", "two"],
  };
  expect(renderPicture(picture(details, {}, more), canvas)).toEqual([
    "●good web - ready - /sv/web",
    "      state: run (pid 7) for 3m05s, since T999815, 2 restarts",
    "     wanted: up",
    "      ready: yes for 1m00s, as notification-fd tells",
    "  waits for: db (ready)",
    "  needed by: app (down)",
    "   settings: timeout-kill 5000 · log-prefix",
    "  processes:       7    1.23s    5.0M nginx",
    "                   9    1.23s       - └ nginx",
    "                  10    1.23s    5.0M   └ nginx",
    "                  11    1.23s    5.0M └ nginx",
    "  last ends: ./run exited 1 after 20 ms, not ready, 3m20s ago",
    " last lines: one",
    "             two",
    "       next: sv restart web",
  ]);
});

test("a service that waits, has failed or has no supervisor says what to look at", () => {
  const next = (shown: Picture): string | undefined => renderPicture(shown, canvas).at(-1);
  const down = { state: "down", pid: 0 } as const;
  const needs = [
    { name: "db", state: "not ready" },
    { name: "cache", state: "ready" },
  ] as const;
  expect(next(picture({ waitingFor: ["db"] }, down, { needs }))).toBe("       next: sv show db");
  const failed = { reason: "restart-limit", text: "3 failures within 10 seconds", at: null };
  expect(renderPicture(picture({ failed }, down), canvas)).toContain("     failed: 3 failures within 10 seconds");
  expect(next(picture({ failed }, down))).toBe("       next: sv log --run last web · sv start web");
  const message = "runsv not running";
  const gone: Picture = { ...picture({}), snapshot: { ...picture({}).snapshot, state: { severity: "fail", message } } };
  expect(renderPicture(gone, canvas)).toEqual([
    "●plain web - unknown - /sv/web",
    "      state: runsv not running",
    "       next: sv lint /sv/web",
  ]);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

test("the published schema has the fields that are printed", () => {
  const text = readFileSync(`${import.meta.dirname}/../../../../docs/schema/sv-show.json`, "utf8");
  const { items } = JSON.parse(text) as { readonly items: Schema };
  const lastExit = end;
  const failed = { reason: "", text: "", at: null };
  const leftBehind = { pid: 1, name: "" };
  const processes = [{ pid: 7, parent: 1, cpuMillis: 1, residentBytes: 1, command: "x" }];
  const needs = [{ name: "db", state: "ready" }] as const;
  const shown = describePicture(picture({ lastExit, failed, leftBehind }, {}, { processes, needs, ends: [end] }), now);
  const keys = (value: object): readonly string[] => Object.keys(value).toSorted();
  expect(keys(items.properties ?? {})).toEqual(keys(shown));
  for (const name of ["processes", "needs", "ends"] as const) {
    const [first = {}] = shown[name] as readonly object[];
    expect([name, keys(items.properties?.[name]?.items?.properties ?? {})]).toEqual([name, keys(first)]);
  }
});
