import { spawn } from "node:child_process";

import {
  hasEnded,
  livingMember,
  nameRoot,
  parseProcessInfo,
  pickMember,
  processInfo,
  startTicksOf,
  type ProcessInfo,
} from "@upkeep/linux/process/process-info";
import { bootMillis } from "@upkeep/linux/time/clock";
import { describe, expect, test } from "vitest";

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

test("a living member of a group is found, whoever is guessed", () => {
  const group = processInfo("self")?.group ?? 0;
  expect(livingMember(group, process.pid)).toBe(process.pid);
  const found = livingMember(group, 0) ?? 0;
  expect(processInfo(found)?.group).toBe(group);
});

const some: ProcessInfo = {
  state: "S",
  parent: 1,
  group: 5,
  session: 5,
  terminalGroup: -1,
  threads: 1,
  startTicks: 100,
};

test("a group of which only the ended can be seen is gone, unless others may be hidden", () => {
  const ended = { ...some, pid: 5, state: "Z" };
  const living = { ...some, pid: 6 };
  expect(pickMember(5, [ended, living], true)).toBe(6);
  expect(pickMember(5, [ended, living], false)).toBe(6);
  expect(pickMember(5, [ended], true)).toBeNull();
  expect(pickMember(5, [ended], false)).toBe(5);
  expect(pickMember(5, [], true)).toBe(5);
});

describe("what a run of the system is told by", () => {
  const look =
    (visible: Readonly<Record<string, Partial<ProcessInfo>>>) =>
    (pid: number | "self"): ProcessInfo | null =>
      visible[pid] === undefined ? null : { ...some, ...visible[pid] };

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
