import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { decodeLine, encodeLine } from "../../src/core/trace.ts";

const pid = 5;
const throughLine = (value: unknown): unknown => {
  const line = encodeLine({ pid, event: { kind: "tick" }, effects: [], state: [value] });
  expect(line.endsWith("}\n")).toBe(true);
  const decoded = decodeLine(line.trimEnd());
  return decoded !== null && "event" in decoded ? (decoded.state as readonly unknown[])[0] : decoded;
};

describe("a line", () => {
  test.each([
    ["numbers", [Infinity, -Infinity, Number.NaN, -0, 0.1]],
    ["a bigint", 10n ** 30n],
    ["undefined", { here: undefined, there: null }],
    ["maps and sets", new Map<unknown, unknown>([[{ a: 1 }, new Set([1, Infinity])]])],
    ["bytes", Uint8Array.of(0, 255)],
    ["objects that look like its own", [{ $number: "5", $: 1 }, { $undefined: { $set: [] } }]],
    ["text", "\ud800 \0\n"],
  ] as const)("keeps %s", (_name, value) => {
    expect(throughLine(value)).toStrictEqual(value);
  });

  test("keeps all data", () => {
    const data = fc.anything({ withBigInt: true, withMap: true, withSet: true, withNullPrototype: false });
    fc.assert(
      fc.property(data, (value) => {
        expect(throughLine(value)).toEqual(value);
      }),
    );
  });

  test("holds no function", () => {
    expect(() => throughLine(() => {})).toThrow(TypeError);
  });

  test("is read as the beginning of a process or as a step", () => {
    const start = { program: "runsv", about: "/srv/app", pid, state: { want: "up" } };
    expect(decodeLine(encodeLine(start))).toEqual(start);
    const step = { pid, event: { kind: "tick" }, effects: [], state: { want: "up" } };
    expect(decodeLine(encodeLine(step))).toEqual(step);
  });

  test.each(["", "null", "{}", '{"pid":5,"state":1}', '{"pid":5,"state":1,"event":{},"effects":{}}', '{"pid":5,'])(
    "of a trace is not %j",
    (text) => {
      expect(decodeLine(text)).toBeNull();
    },
  );
});
