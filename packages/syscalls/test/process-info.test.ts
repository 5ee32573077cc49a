import { hasEnded, livingMember, parseProcessInfo, processInfo } from "@upkeep/syscalls/process-info";
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
