import { closeSync, fstatSync, readFileSync, writeSync } from "node:fs";

import { createPipe } from "@upkeep/linux/fd/pipe";
import { afterAll, expect, test } from "vitest";

import { findLogPipe } from "../../src/adopt/find.ts";
import type { Child } from "../helpers/child.ts";
import { openDescriptors, openedSince } from "../helpers/descriptors.ts";
import { record, runningSlot, type RecordedPlace } from "../helpers/records.ts";
import { asProcess, openSearch } from "../helpers/search.ts";
import { until } from "../helpers/until.ts";

const search = openSearch("log-pipe");
afterAll(search.end);

/** Starts a process with a pipe as a descriptor, which we close, and puts it on record as the `./run` of a slot. */
function startOnPipe(slot: "service" | "log"): {
  readonly child: Child;
  readonly inode: number;
  readonly place: RecordedPlace;
} {
  const pipe = createPipe();
  const inode = fstatSync(pipe.read).ino;
  const place = search.make(slot);
  const isLog = slot === "log";
  const child = search.start(
    "exec sleep 1000",
    "/",
    isLog ? [pipe.read, "pipe", "ignore"] : ["ignore", pipe.write, "ignore"],
  );
  closeSync(pipe.write);
  closeSync(pipe.read);
  record(place, runningSlot(asProcess(child), slot), { logPipe: inode });
  return { child, inode, place };
}

function isBlocking(fd: number): boolean {
  const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "0";
  return (Number.parseInt(flags, 8) & 0o4000) === 0;
}

test("both ends of the log pipe come from the log, or from the service", () => {
  for (const slot of ["log", "service"] as const) {
    const { inode, place } = startOnPipe(slot);
    const service = slot === "service" ? place : search.make();
    const found = search.findBoth(service, slot === "log" ? place : null);
    const pipe = findLogPipe(found) ?? expect.unreachable();
    expect([fstatSync(pipe.read).ino, fstatSync(pipe.write).ino]).toEqual([inode, inode]);
    expect([isBlocking(pipe.read), isBlocking(pipe.write)]).toEqual([true, true]);
    expect(writeSync(pipe.write, "x")).toBe(1);
    expect(() => writeSync(pipe.read, "x")).toThrow("EBADF");
    closeSync(pipe.read);
    closeSync(pipe.write);
  }
});

test("the log pipe is not taken from a process that has another pipe, or has ended", async () => {
  const { child, place } = startOnPipe("service");
  record(place, runningSlot(asProcess(child)), { logPipe: 1 });
  const other = search.find(place);
  const before = openDescriptors();
  expect(findLogPipe({ service: other, log: null })).toBeNull();
  expect(openedSince(before)).toEqual([]);
  process.kill(child.pid, "SIGKILL");
  await until(() => child.hasEnded());
  expect(findLogPipe({ service: other, log: null })).toBeNull();
  expect(findLogPipe({ service: search.find(place), log: null })).toBeNull();
  expect(findLogPipe({ service: null, log: null })).toBeNull();
});
