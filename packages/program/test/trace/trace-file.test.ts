import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

import { makeFifo } from "@upkeep/linux/fd/fifo";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { decodeLine } from "../../src/core/trace.ts";
import { createLoop } from "../../src/loop/loop.ts";
import { openTraceFile, type Trace } from "../../src/trace/trace-file.ts";

let directory = "";
let warnings: string[] = [];
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/trace-`);
  warnings = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (target: string): Trace | null =>
  openTraceFile(target, "runsv", "app", (message) => void warnings.push(message));

const linesOf = (path: string): readonly unknown[] => readFileSync(path, "utf8").trimEnd().split("\n").map(decodeLine);

describe("a trace", () => {
  test("has what a loop is told, decides and then is, behind what was there", () => {
    const path = `${directory}/trace`;
    writeFileSync(path, "first\n");
    const loop = createLoop<{ readonly count: number }, string, string>(
      { count: 0 },
      {
        step: ({ count }, event) => ({ state: { count: count + 1 }, effects: event === "a" ? ["ask"] : [] }),
        nextDeadline: () => Infinity,
        now: () => 0,
        tick: () => "tick",
        run: (_effect, answer) => answer("answer"),
        trace: open(path),
      },
    );
    loop.post("a", "b");
    const { pid } = process;
    expect(linesOf(path)).toEqual([
      null,
      { program: "runsv", about: "app", pid, state: { count: 0 } },
      { pid, event: "a", effects: ["ask"], state: { count: 1 } },
      { pid, event: "answer", effects: [], state: { count: 2 } },
      { pid, event: "b", effects: [], state: { count: 3 } },
    ]);
    expect(warnings).toEqual([]);
  });

  test("goes to a descriptor, which no child inherits", () => {
    const path = `${directory}/trace`;
    const fd = openSync(path, "w");
    const trace = open(String(fd));
    trace?.begin(1);
    trace?.step("a", [], 2);
    expect(linesOf(path)).toHaveLength(2);
    expect(() => closeSync(fd)).toThrow("EBADF");
  });

  test("can be read by its owner only", () => {
    open(`${directory}/trace`);
    expect(statSync(`${directory}/trace`).mode & 0o777).toBe(0o600);
  });
});

describe("one warning, and no trace", () => {
  test("where it cannot be opened", () => {
    expect(open(`${directory}/no/trace`)).toBeNull();
    expect(warnings).toEqual([`unable to open trace ${directory}/no/trace: file does not exist`]);
  });

  test("where a FIFO has no reader", () => {
    makeFifo(`${directory}/fifo`, 0o600);
    expect(open(`${directory}/fifo`)).toBeNull();
    expect(warnings).toEqual([`unable to open trace ${directory}/fifo: device not configured`]);
  });

  test("when the disk is full", () => {
    const trace = open("/dev/full");
    trace?.begin(1);
    trace?.step("a", [], 2);
    expect(warnings).toEqual(["unable to write trace /dev/full: out of disk space"]);
  });

  test("when a pipe that nobody reads is full", () => {
    const { read, write } = createPipe();
    const trace = open(String(write));
    for (let count = 0; count < 3; count++) trace?.step("a".repeat(40_000), [], count);
    expect(warnings).toHaveLength(1);
    closeSync(read);
  });

  test("when the state is no data", () => {
    const trace = open(`${directory}/trace`);
    trace?.begin(() => {});
    trace?.begin(1);
    expect(warnings).toEqual(["no data: function"]);
    expect(readFileSync(`${directory}/trace`, "utf8")).toBe("");
  });
});
