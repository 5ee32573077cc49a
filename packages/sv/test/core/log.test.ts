import { startsOf } from "@upkeep/client/core/runs";
import { Answer, UsageError } from "@upkeep/program/core/usage";
import { createTimeText } from "@upkeep/logs/core/time-text";
import { utc } from "@upkeep/logs/core/zone";
import { expect, test } from "vitest";

import { createLineWriter, forTerminal, type LineStyle } from "../../src/core/log-line.ts";
import { readLogRequest } from "../../src/log/log-request.ts";
import { up } from "../../../client/test/helpers/services.ts";

const read = (...words: readonly string[]): ReturnType<typeof readLogRequest> =>
  readLogRequest(words, (text) => (text === "1h" ? 5 : null));

test("options and services come in any order", () => {
  expect(read("web", "-fn5", "--since", "1h", "db", "--json")).toMatchObject({
    follows: true,
    lines: 5,
    since: 5,
    isJson: true,
    services: ["web", "db"],
  });
  expect(read("--", "-x").services).toEqual(["-x"]);
});

test("without a limit of its own, the last 20 lines are shown", () => {
  expect(read("web").lines).toBe(20);
  expect(read("-n", "all").lines).toBeNull();
  expect([read("--since=1h"), read("--run", "last"), read("--grep", "x")].map(({ lines }) => lines)).toEqual([
    null,
    null,
    null,
  ]);
  expect(read("--run", "last").run).toBe(1);
  expect(read("--run", "3").run).toBe(3);
});

test.each([
  [["--sinc", "1h"], "illegal option -- sinc"],
  [["-x"], "illegal option -- x"],
  [["-n"], "option requires an argument -- lines"],
  [["-n", "x"], "illegal argument -- n x"],
  [["--since", "soon"], "illegal argument -- since soon"],
  [["--run", "0"], "illegal argument -- run 0"],
  [["--grep", "("], "illegal regular expression -- ("],
])("%j is refused", (words, reason) => {
  expect(() => read(...words)).toThrow(UsageError);
  expect(() => read(...words)).toThrow(`sv log: ${reason}\nusage: sv log [-f]`);
});

test("--help is answered", () => {
  expect(() => read("--help")).toThrow(Answer);
});

function written(style: Partial<LineStyle>, text: string, micros: number, name = "web", isCut = false): string {
  let output = "";
  const sink = {
    putText: (more: string) => void (output += more),
    putBytes: (bytes: Buffer, from: number, to: number) => void (output += bytes.toString("utf8", from, to)),
  };
  const time = createTimeText(utc);
  const whole = { isJson: false, isTerminal: false, isColoured: false, time, nameWidth: 0, ...style };
  const bytes = Buffer.from(`${text}\n`);
  createLineWriter(name, 0, whole, sink)({ bytes, text: 0, to: bytes.length - 1, micros, isCut });
  return output;
}

test("a line is its name, its time and its text", () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 67) * 1000 + 899;
  expect(written({}, "hello", at)).toBe("2026-01-02 03:04:05.067 hello\n");
  expect(written({ nameWidth: 5 }, "hello", at)).toBe("web   2026-01-02 03:04:05.067 hello\n");
  expect(written({ time: createTimeText("utc") }, "hello", at)).toBe("2026-01-02T03:04:05.067Z hello\n");
  expect(written({}, "\x1b[2J", Number.NaN)).toBe("\x1b[2J\n");
  expect(written({ isJson: true }, 'a "b"', at)).toBe(
    '{"service":"web","time":"2026-01-02T03:04:05.067899Z","line":"a \\"b\\""}\n',
  );
  expect(written({ isJson: true }, "x", Number.NaN)).toBe('{"service":"web","time":null,"line":"x"}\n');
});

test("a part of a line that is too long has a mark", () => {
  expect(written({}, "hello", Number.NaN, "web", true)).toBe("hello...\n");
  expect(written({ isTerminal: true }, "hello", Number.NaN, "web", true)).toBe("hello...\n");
  expect(written({ isJson: true }, "x", Number.NaN, "web", true)).toContain(',"line":"x","cut":true}\n');
});

test("a terminal obeys nothing in a line but colours, which end with it", () => {
  expect(forTerminal("a\tb\x1b[31mred\x1b]0;title\x07\x9b2J", true)).toBe(
    "a\tb\x1b[31mred\\x1b]0;title\\x07\\x9b2J\x1b[0m",
  );
  expect(forTerminal("\x1b[31mred", false)).toBe("red");
  expect(forTerminal("\x1b[31;1", true)).toBe("\\x1b[31;1");
});

test("runs begin where their ends and lengths say, and the one that works where the status says", () => {
  const end = { code: 1, signal: null, core: false, at: "1970-01-01T00:01:20.000000Z", ranMillis: 20_000 };
  expect(startsOf(up, [end])).toEqual([90e6 + 0.5, 60e6 - 1000]);
  expect(startsOf({ ...up, state: "down" }, [end])).toEqual([60e6 - 1000]);
  expect(startsOf({ ...up, state: "finish", since: { seconds: 60, nanoseconds: 0 } }, [end])).toEqual([60e6 - 1000]);
  expect(startsOf(null, [])).toEqual([]);
});
