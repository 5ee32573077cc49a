import { spawn } from "node:child_process";

import {
  hasEnded,
  nameRoot,
  parseProcessInfo,
  processInfo,
  startTicksOf,
  type ProcessInfo,
} from "@upkeep/linux/process/process-info";
import { bootMillis } from "@upkeep/linux/time/clock";
import { describe, expect, test } from "vitest";

import { someProcess } from "../helpers/some-process.ts";

function line(state: string, threads: number): string {
  return `7 (a b) c) ${state} 1 5 5 0 -1 4227084 67 0 0 0 1 2 3 4 20 0 ${threads} 0 1512 0 0`;
}

describe("whether a process has ended", () => {
  test.each([
    ["S", 1, false],
    ["T", 1, false],
    ["Z", 1, true],
    ["X", 1, true],
    // Its first thread has ended, the others hold what it has.
    ["Z", 2, false],
  ])("with the state %s and %d threads", (state, threads, expected) => {
    const info = parseProcessInfo(line(state, threads));
    expect(info !== null && hasEnded(info)).toBe(expected);
  });
});

describe("what a run of the system is told by", () => {
  const look =
    (visible: Readonly<Record<string, Partial<ProcessInfo>>>) =>
    (pid: number | "self"): ProcessInfo | null =>
      visible[pid] === undefined ? null : { ...someProcess, ...visible[pid] };

  test("the start of process 1", () => {
    expect(nameRoot(look({ self: { parent: 20 }, 20: { parent: 1 }, 1: { parent: 0, startTicks: 3 } }))).toBe("3");
  });

  test("the highest visible ancestor, where process 1 is hidden", () => {
    const visible = { self: { parent: 30 }, 30: { parent: 20, startTicks: 9 }, 20: { parent: 10, startTicks: 7 } };
    expect(nameRoot(look(visible))).toBe("20 7");
  });

  test("nothing, where there is none", () => {
    expect(nameRoot(look({ self: { parent: 20 } }))).toBeNull();
    expect(nameRoot(look({}))).toBeNull();
  });
});

test("the clock and /proc tell the same start of a child", () => {
  for (let round = 0; round < 20; round++) {
    const before = bootMillis();
    const child = spawn("sleep", ["60"]);
    const pid = child.pid ?? 0;
    const told = startTicksOf(pid, before, bootMillis());
    expect(told).toBe(processInfo(pid)?.startTicks);
    child.kill("SIGKILL");
  }
});
