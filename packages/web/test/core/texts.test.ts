import { bearerIn, cookieIn, cookieName, safetyHeaders } from "@upkeep/web/core/headers";
import { idOfMark, QueryError, readLogQuery } from "@upkeep/web/core/log-query";
import { encodeEvent, eventId, revisionIn } from "@upkeep/web/core/sse";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const when = (text: string): number | null => (text === "1h" ? 42 : null);
const read = (query: string, accept = "*/*", last: string | null = null) => readLogQuery(query, accept, last, when);

describe("a query of a log", () => {
  const plain = {
    format: "ndjson",
    follows: false,
    lines: null,
    since: null,
    until: null,
    run: null,
    contains: null,
    behind: null,
  };

  test.each([
    ["", "*/*", plain],
    ["", "text/event-stream", { ...plain, format: "events", follows: true, lines: 200 }],
    ["lines=5&follow=1", "*/*", { ...plain, lines: 5, follows: true }],
    ["lines=all", "text/event-stream", { ...plain, format: "events", follows: true }],
    ["format=text&since=1h", "text/event-stream", { ...plain, format: "text", since: 42 }],
    ["run=last", "text/event-stream", { ...plain, format: "events", follows: true, run: 1 }],
    ["run=3&contains=a%20b%3C", "*/*", { ...plain, run: 3, contains: "a b<" }],
    ["contains=&follow=0", "*/*", plain],
  ])("%j with %s", (query, accept, expected) => {
    expect(read(query, accept)).toEqual(expected);
  });

  test.each([
    "lines=-1",
    "lines=1e9",
    "lines=99999999",
    "since=soon",
    "run=0",
    "run=x",
    "follow=yes",
    "format=html",
    "path=/etc/passwd",
    `contains=${"x".repeat(1001)}`,
  ])("%s makes no sense", (query) => {
    expect(() => read(query)).toThrow(QueryError);
  });

  test("goes on at a mark that was an id, and at nothing else", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(), fc.nat(), (device, inode, offset) => {
        const mark = { file: `${device}:${inode}`, offset };
        expect(read("", "*/*", idOfMark(mark)).behind).toEqual(mark);
      }),
    );
    for (const id of ["", "1:2", "../../x:1:2", "1:2:3:4", "1:2:-3", "abc.5"])
      expect(read("", "*/*", id).behind).toBeNull();
  });
});

describe("an event", () => {
  test("is one line of data, whatever it says, and commands no terminal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (message) => {
        const text = encodeEvent("problem", { message }, "a.1");
        expect(text).toMatch(/^id: a\.1\nevent: problem\ndata: [^\n\r]*\n\n$/);
        expect(JSON.parse(text.split("data: ")[1] ?? "")).toEqual({ message });
        // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
        expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      }),
    );
    expect(encodeEvent("beat", { time: "x" }, null)).toBe('event: beat\ndata: {"time":"x"}\n\n');
  });

  test("has an id that only its server understands", () => {
    expect(revisionIn(eventId("s1", 17), "s1")).toBe(17);
    for (const id of [null, "", "s1.", "s1.x", "s2.17", "17", "s1.1e3"]) expect(revisionIn(id, "s1")).toBeNull();
  });
});

test("a token comes in a header, or as a cookie that is named after the port", () => {
  expect(bearerIn("Bearer abc")).toBe("abc");
  expect(bearerIn("bearer  abc ")).toBe("abc");
  for (const header of ["", "Basic abc", "Bearer", "Bearer a b", "Bearer \u00e9"]) expect(bearerIn(header)).toBeNull();
  expect(cookieName("8080")).toBe("upkeep-8080");
  expect(cookieName("")).toBe("upkeep-web");
  expect(cookieIn("a=1; upkeep-8080=x=y; b", "upkeep-8080")).toBe("x=y");
  expect(cookieIn("xupkeep-web=1", "upkeep-web")).toBeNull();
});

test("the policy allows no script but our own files", () => {
  const policy = safetyHeaders["Content-Security-Policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain("unsafe");
});
