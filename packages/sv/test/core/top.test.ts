import { tableOf } from "@upkeep/client/core/process-table";
import { type Load, type Looked, measure } from "@upkeep/client/core/usage";
import { noDetails } from "@upkeep/supervise/core/state-json";
import { array, assert, constantFrom, double, integer, oneof, property, record, string, uniqueArray } from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";

import { changes } from "../../src/core/top/changes.ts";
import { curve, memorySpan, processorSpan } from "@upkeep/client/core/curve";
import { layoutOf, rowsOf, selectedRow } from "../../src/core/top/rows.ts";
import { firstState, type TopEffect, type TopEvent, type TopState } from "../../src/core/top/state.ts";
import { step } from "../../src/core/top/step.ts";
import { render } from "../../src/core/top/view.ts";
import { down, failed, run } from "../../../client/test/helpers/records.ts";

const colours = { isColoured: true, isAscii: false };
const monochrome = { isColoured: false, isAscii: true };

function service(label: string, more: Partial<Looked> = {}, state: Looked["snapshot"]["state"] = up): Looked {
  return { snapshot: { label, path: `/s/${label}`, state, isNormallyDown: false }, use: null, ...more };
}
const up = { record: run, details: noDetails };
const use = (percent: number, residentBytes = 1_000_000): Pick<Looked, "use"> => ({
  use: { percent, residentBytes, processes: 1 },
});

function looked(...services: readonly Looked[]): TopEvent {
  return { kind: "looked", nowSeconds: 100, services, trouble: null };
}

/** What comes of events, one after the other. A text is a key. */
function play(...events: readonly (TopEvent | string)[]): { state: TopState; effects: readonly TopEffect[] } {
  let state = firstState("/s", { columns: 80, rows: 24 });
  const effects: TopEffect[] = [];
  for (const event of events) {
    const next = step(state, typeof event === "string" ? { kind: "key", key: event } : event);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

const three = looked(service("api"), service("db", {}, { record: down, details: failed }), service("web", use(50)));

describe("the keys", () => {
  test("stop, restart and signals that may end a service ask first, and act on y only", () => {
    const order = { word: "stop", label: "api", commands: ["down"] };
    expect(play(three, "d").effects).toEqual([]);
    expect(play(three, "d").state.mode).toEqual({ kind: "question", order });
    expect(play(three, "d", "y").effects).toEqual([{ kind: "send", order }]);
    expect(play(three, "d", "n").effects).toEqual([]);
    expect(play(three, "d", "enter").effects).toEqual([]);
    expect(play(three, "r", "y").effects).toMatchObject([
      { order: { word: "restart", commands: ["term", "cont", "up"] } },
    ]);
    expect(play(three, "!", "k").state.mode.kind).toBe("question");
    expect(play(three, "!", "h", "y").effects).toMatchObject([{ order: { word: "hup", commands: ["hup"] } }]);
  });

  test("a start, a pause and what has no process to end need no question", () => {
    expect(play(three, "u").effects).toMatchObject([{ order: { word: "start", commands: ["up"] } }]);
    expect(play(three, "!", "p").effects).toMatchObject([{ order: { commands: ["pause"] } }]);
    expect(play(three, "down", "d").effects).toMatchObject([{ order: { label: "db", commands: ["down"] } }]);
    expect(play(three, "!", "z").effects).toEqual([]);
  });

  test("sort by each column, and the other way round", () => {
    const names = ({ state }: { state: TopState }): readonly string[] =>
      rowsOf(state).map(({ snapshot }) => snapshot.label);
    expect(names(play(three))).toEqual(["api", "db", "web"]);
    expect(names(play(three, ">"))).toEqual(["db", "api", "web"]);
    expect(names(play(three, ">", ">", ">", ">"))).toEqual(["web", "api", "db"]);
    expect(names(play(three, "I"))).toEqual(["web", "db", "api"]);
    expect(play(three, "<").state.sort.key).toBe("exit");
  });

  test("filter by a part of the name; Escape goes back, and then shows all", () => {
    const typed = play(three, "/", "W", "e", "x", "backspace");
    expect(rowsOf(typed.state).map(({ snapshot }) => snapshot.label)).toEqual(["web"]);
    expect(play(three, "/", "w", "escape").state.filter).toBe("");
    expect(play(three, "/", "w", "enter", "escape").state.filter).toBe("");
    expect(play(three, "/", "q", "enter").state).toMatchObject({ filter: "q", selected: null });
    expect(play(three, "/", "q", "enter", "d").effects).toEqual([]);
  });

  test("open the log, which follows the selection, scrolls and is copied; late lines of another one are dropped", () => {
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
    const logged = (label: string): TopEvent => ({ kind: "logged", label, lines, problem: null });
    const opened = play(three, "l", logged("db"), logged("api"));
    expect(opened.effects).toEqual([{ kind: "follow", label: "api" }]);
    expect(render(opened.state, monochrome).filter((line) => line.includes("line 49"))).toHaveLength(1);
    const back = play(three, "l", logged("api"), "pageup", logged("api"));
    expect(back.state.log?.back).toBe(layoutOf(back.state).log - 1 + 50);
    expect(play(three, "l", "down").effects.at(-1)).toEqual({ kind: "follow", label: "db" });
    expect(play(three, "l", logged("api"), "y").effects.at(-1)).toEqual({
      kind: "copy",
      text: `${lines.join("\n")}\n`,
    });
    expect(play(three, "l", "escape").effects.at(-1)).toEqual({ kind: "follow", label: null });
  });

  test("copy rows as text, show them in the pager, end", () => {
    const { effects } = play(three, "end", "y");
    expect(effects).toMatchObject([{ kind: "copy" }]);
    expect(JSON.stringify(effects)).toMatch(/SERVICE.*LAST EXIT\\nweb +run +up .* 50\.0 /);
    expect(play(three, "o", "q").effects).toEqual([{ kind: "page", label: "api", lines: null }, { kind: "quit" }]);
    expect(play(three, "?", "q", "ctrl-c").effects).toEqual([{ kind: "quit" }]);
  });

  test("the selection stays with its service when the order changes", () => {
    const sorted = play(
      three,
      ">",
      ">",
      ">",
      ">",
      "end",
      looked(service("api", use(90)), service("db"), service("web", use(1))),
    );
    expect(sorted.state.selected).toBe("db");
    expect(selectedRow(sorted.state)).toBe(2);
  });
});

describe("the screen", () => {
  const label = oneof(
    string({ maxLength: 30 }),
    constantFrom("web\x1b[31m", "\u202eabc", "\ud800x", "漢字かな交じり文", "a\nb"),
  );
  // The looker keeps services by their labels.
  const services = uniqueArray(
    record({ label, percent: double({ min: 0, max: 900, noNaN: true }), bytes: integer({ min: 0, max: 2 ** 34 }) }),
    { maxLength: 60, selector: (one) => one.label },
  ).map((all) => looked(...all.map((one) => service(one.label, use(one.percent, one.bytes)))));
  const size = record({ columns: integer({ min: 1, max: 200 }), rows: integer({ min: 1, max: 60 }) });
  const key = constantFrom(
    ..."jkgGhl<>I/?udr!yYoq wex1".split(""),
    "up",
    "down",
    "pageup",
    "pagedown",
    "home",
    "end",
    "enter",
    "escape",
    "backspace",
  );
  const logged = array(string({ maxLength: 300 })).map((lines): TopEvent => {
    return { kind: "logged", label: "web", lines: lines.map((line) => JSON.stringify(line)), problem: null };
  });
  const event = oneof(
    { weight: 6, arbitrary: key.map((one): TopEvent => ({ kind: "key", key: one })) },
    services,
    size.map((one): TopEvent => ({ kind: "resized", size: one })),
    logged,
  );

  test("is as large as the terminal, obeys nothing in names, and shows the selection, whatever happens", () => {
    assert(
      property(array(event, { maxLength: 40 }), constantFrom(colours, monochrome), (events, look) => {
        const { state } = play(three, ...events);
        const lines = render(state, look);
        expect(lines).toHaveLength(state.size.rows);
        for (const line of lines) {
          // oxlint-disable-next-line no-control-regex -- the only sequences that may be there
          const text = line.replaceAll(look.isColoured ? /\x1b\[[\d;]+m/g : /\x1b\[(?:0|1|7)m/g, "");
          // oxlint-disable-next-line no-control-regex -- what no terminal may get
          expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
          expect(stringWidth(text)).toBeLessThanOrEqual(state.size.columns);
        }
        const at = selectedRow(state);
        expect(at === -1).toBe(rowsOf(state).length === 0);
        if (at === -1) return;
        expect(at).toBeGreaterThanOrEqual(state.offset);
        expect(at).toBeLessThan(state.offset + layoutOf(state).table);
      }),
    );
  });

  test("counts what is not as it should be, and has colours for it only where the terminal has", () => {
    const { state } = play(three);
    expect(render(state, colours)[0]).toContain("\x1b[31m1 failed\x1b[0m");
    expect(render(state, monochrome)[0]).toContain("sv top\x1b[0m | 3 services | 2 up | 1 failed | /s");
  });

  test("changes in few lines from one look to the next", () => {
    const all = Array.from({ length: 1000 }, (_, index) => service(`service-${index}`, use(0)));
    const { state } = play(...Array.from({ length: 12 }, () => looked(...all)));
    const next = step(state, looked(...all.with(1, service("service-1", use(70)))));
    const [before, after] = [render(state, colours), render(next.state, colours)];
    expect(after.filter((line, index) => line !== before[index])).toHaveLength(1);
  });
});

describe("what a service uses", () => {
  const units = { pageBytes: 4096, tickMillis: 10 };
  const load = (pid: number, parent: number, ticks: number): Load => {
    return { pid, parent, group: 5, session: 5, startTicks: 1, ticks, residentPages: 2 };
  };
  const { snapshot } = service("web");

  test("is what all its processes use; a child that has ended between two looks counts by the one that waited for it", () => {
    const before = measure(
      snapshot,
      tableOf(
        [load(5, 1, 10), load(6, 5, 30), load(9, 1, 1000)].map((one) =>
          one.pid === 9 ? { ...one, group: 9, session: 9 } : one,
        ),
      ),
      null,
      1000,
      units,
    );
    expect(before?.use).toEqual({ percent: null, residentBytes: 4 * 4096, processes: 2 });
    const after = measure(snapshot, tableOf([load(5, 1, 90)]), before?.total ?? null, 2000, units);
    expect(after?.use).toEqual({ percent: 50, residentBytes: 2 * 4096, processes: 1 });
  });

  test("is never negative, and begins anew with each start", () => {
    const before = measure(snapshot, tableOf([load(5, 1, 100), load(6, 5, 100)]), null, 0, units);
    expect(measure(snapshot, tableOf([load(5, 1, 100)]), before?.total ?? null, 1000, units)?.use.percent).toBe(0);
    const anew = tableOf([{ ...load(5, 1, 0), startTicks: 2 }]);
    expect(measure(snapshot, anew, before?.total ?? null, 1000, units)?.use.percent).toBeNull();
    expect(measure(snapshot, tableOf<Load>([]), null, 0, units)).toBeNull();
  });
});

describe("a curve", () => {
  test("has the newest value at its end, and one column for each", () => {
    expect(curve([0, 50, 100], 5, { low: 0, high: 100 }, false)).toBe("  ▁▅█");
    expect(curve([0, 50, 100], 2, { low: 0, high: 100 }, true)).toBe("=#");
    expect(curve([1], 0, { low: 0, high: 1 }, false)).toBe("");
  });

  test("is flat for memory that hardly changes, and for a processor that is hardly used", () => {
    expect(curve([1000, 1010, 1000], 3, memorySpan([1000, 1010, 1000]), false)).toBe("▁▁▁");
    expect(curve([0, 1, 0], 3, processorSpan([0, 1, 0]), false)).toBe("▁▁▁");
  });

  test("never leaves its columns", () => {
    assert(
      property(
        array(double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1 }),
        integer({ min: 0, max: 20 }),
        (values, width) => {
          expect(stringWidth(curve(values, width, memorySpan(values), false))).toBe(width);
          expect(curve(values, width, processorSpan(values), true)).toHaveLength(width);
        },
      ),
    );
  });
});

describe("the changes that go to the terminal", () => {
  // oxlint-disable-next-line no-control-regex -- sequences that may be sent, or a character
  const sequences = /\x1b\[[\d;]*[HJKm]|[^]/g;
  // oxlint-disable-next-line no-control-regex -- styles take no column
  const styles = /\x1b\[[\d;]+m/g;
  /** A terminal that knows what is sent to it, for text of one column a character. */
  function shownBy(screen: readonly string[], sent: string): readonly string[] {
    const cells = screen.map((line) => Array.from(line.padEnd(40)));
    let [row, column] = [0, 0];
    for (const [part] of sent.matchAll(sequences)) {
      // oxlint-disable-next-line no-control-regex -- where the cursor goes
      const at = /^\x1b\[(\d+);(\d+)H$/.exec(part);
      const line = cells[row] ?? [];
      if (at !== null) [row, column] = [Number(at[1]) - 1, Number(at[2]) - 1];
      else if (part === "\x1b[H") [row, column] = [0, 0];
      else if (part === "\x1b[2J") for (const one of cells) one.fill(" ");
      else if (part === "\x1b[K") line.fill(" ", column);
      else if (!part.startsWith("\x1b")) line[column++] = part;
    }
    return cells.map((line) => line.join("").trimEnd());
  }
  const visible = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.replaceAll(styles, "").trimEnd());
  const part = oneof(
    string({ maxLength: 4 }).filter((one) => /^[ -~]*$/.test(one)),
    constantFrom("▁", "…", "run", "\x1b[32mup\x1b[0m", "\x1b[7mx y\x1b[0m"),
  );
  const line = array(part, { maxLength: 6 }).map((parts) => parts.join(""));
  const screens = array(line, { minLength: 3, maxLength: 3 });

  test("make any screen into any other", () => {
    assert(
      property(screens, screens, (before, after) => {
        expect(shownBy(visible(before), changes(before, after))).toEqual(visible(after));
        expect(shownBy(visible(before), changes(null, after))).toEqual(visible(after));
      }),
    );
  });

  test("are a few bytes for a clock", () => {
    expect(changes(["web  \x1b[32mrun\x1b[0m  7s  0"], ["web  \x1b[32mrun\x1b[0m  8s  0"])).toBe("\x1b[1;11H8");
    expect(changes(["a"], ["a"])).toBe("");
  });
});
