import { closeSync, writeSync } from "node:fs";

import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { expect, test } from "vitest";

import { codeOfEvent, decodeEvent, eventsDescriptor, openEvents, withoutEvents } from "../../src/parent/events.ts";

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

test("the standard descriptors are not taken for that of events", () => {
  const before = process.env["UPKEEP_EVENTS_FD"];
  const read = (text: string): number | null => {
    process.env["UPKEEP_EVENTS_FD"] = text;
    return eventsDescriptor();
  };
  try {
    expect(["0", "1", "2", "3", "x", ""].map(read)).toEqual([null, null, null, 3, null, null]);
  } finally {
    if (before === undefined) delete process.env["UPKEEP_EVENTS_FD"];
    else process.env["UPKEEP_EVENTS_FD"] = before;
  }
});

test("only the variable itself is taken out of an environment", () => {
  const environment = ["A=1", "UPKEEP_EVENTS_FD=3", "UPKEEP_EVENTS_FDS=4"].map(encode);
  expect(withoutEvents(environment).map((entry) => new TextDecoder().decode(entry))).toEqual([
    "A=1",
    "UPKEEP_EVENTS_FDS=4",
  ]);
});

test("a critical event that meets a full pipe is written when there is room, behind what was there", async () => {
  const { read, write } = createPipe();
  const before = process.env["UPKEEP_EVENTS_FD"];
  process.env["UPKEEP_EVENTS_FD"] = String(write);
  const tell = openEvents();
  if (before === undefined) delete process.env["UPKEEP_EVENTS_FD"];
  else process.env["UPKEEP_EVENTS_FD"] = before;
  const event = { service: "web", directory: "web", code: 3, signal: null };
  // Opening has made the pipe non-blocking.
  let held = fill(write);
  tell?.({ event: "exit", ...event, critical: true });
  tell?.({ event: "ready", ...event, critical: false });
  setNonBlocking(read, true);
  const bytes = new Uint8Array(65_536);
  let text = "";
  while (!text.endsWith("\n")) {
    const count = readAvailable(read, bytes);
    if (count > 0) text += Buffer.from(bytes.subarray(Math.min(held, count), count)).toString();
    if (count > 0) held -= Math.min(held, count);
    else await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(text.split("\n").slice(0, -1).map(decodeEvent)).toEqual([{ event: "exit", ...event, critical: true }]);
  for (const fd of [read, write]) closeSync(fd);
});

/** Writes to a non-blocking pipe until it takes no single byte more; returns how many it has taken. */
function fill(fd: number): number {
  let written = 0;
  for (const block of [Buffer.alloc(4096, "x"), Buffer.alloc(1, "x")]) {
    try {
      for (;;) written += writeSync(fd, block);
    } catch (error) {
      if (errnoOf(error) !== errno.EAGAIN) throw error;
    }
  }
  return written;
}
