import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { spawn } from "@upkeep/linux/exec/spawn";
import { holdProcess, type HeldProcess } from "@upkeep/linux/process/held-process";
import { isSessionSince, processInfo } from "@upkeep/linux/process/process-info";
import { bootMillis } from "@upkeep/linux/time/clock";
import { expect, test } from "vitest";

// The successor of a supervisor of a thousand services does each of these a thousand times. CPU time is measured, which a
// busy machine does not lengthen much.

function cpuMillis(action: () => void): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test("one more watched process costs the same however many are watched", () => {
  const argv = ["sh", "-c", "exec sleep 1000"];
  const child = spawn({ path: "/bin/sh", argv, environment: inheritedEnvironment(), newSession: true });
  if (!child.ok) throw new Error(`no process: ${child.errno}`);
  const ticks = processInfo(child.pid)?.startTicks ?? 0;
  const held: HeldProcess[] = [];
  const watchMore = (count: number): number =>
    cpuMillis(() => {
      for (let number = 0; number < count; number += 1) {
        const one = holdProcess(child.pid, ticks);
        if (one === null) throw new Error("not held");
        one.watch(() => {});
        held.push(one);
      }
    });
  try {
    expect(watchMore(800)).toBeLessThan(400);
  } finally {
    held[0]?.signal("SIGKILL");
    for (const one of held) one.close();
  }
});

test("an empty process group is known without a search of all processes", () => {
  const nobody = 2 ** 22 - 1;
  const ask = (): void => {
    for (let number = 0; number < 2000; number += 1) expect(isSessionSince(nobody, bootMillis())).toBe(false);
  };
  expect(cpuMillis(ask)).toBeLessThan(400);
});
