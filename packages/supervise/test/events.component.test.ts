import { expect, test } from "vitest";

import { codeOfEvent, decodeEvent, withoutEvents } from "../src/events.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test("lines that are no events are passed over", () => {
  const event = { event: "exit", service: "web", directory: "web", code: 3, signal: null, critical: true };
  expect(decodeEvent(JSON.stringify(event))).toEqual(event);
  for (const line of ["", "x", "null", "{}", "[]", '{"event":"exit","service":1,"critical":true}']) {
    expect(decodeEvent(line)).toBeNull();
  }
});

test("the exit code of an event is its code, or 128 and the signal", () => {
  expect(codeOfEvent({ code: 3, signal: null })).toBe(3);
  expect(codeOfEvent({ code: null, signal: 9 })).toBe(137);
  expect(codeOfEvent({ code: null, signal: null })).toBe(111);
});

test("only the variable itself is taken out of an environment", () => {
  const environment = ["A=1", "UPKEEP_EVENTS_FD=3", "UPKEEP_EVENTS_FDS=4"].map(encode);
  expect(withoutEvents(environment).map((entry) => new TextDecoder().decode(entry))).toEqual([
    "A=1",
    "UPKEEP_EVENTS_FDS=4",
  ]);
});
