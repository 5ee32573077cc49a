import { readFileSync } from "node:fs";

import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { spawn } from "@upkeep/linux/exec/spawn";
import { holdProcess, type HeldProcess } from "@upkeep/linux/process/held-process";
import { isSessionSince, processInfo } from "@upkeep/linux/process/process-info";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { bootMillis } from "@upkeep/linux/time/clock";
import { expect, test } from "vitest";

// The successor of a supervisor of a thousand services does each of these a thousand times.

function cpuMillis(action: () => void): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** How much this thread has read so far (proc(5), `io`). */
function bytesRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync("/proc/thread-self/io", "utf8"))?.[1]);
}

test("one more watched process costs the same however many are watched", () => {
  const argv = ["sh", "-c", "exec sleep 1000"];
  const child = spawn({ path: "/bin/sh", argv, environment: inheritedEnvironment(), newSession: true });
  if (!child.ok) throw new Error(`no process: ${child.errno}`);
  const ticks = processInfo(child.pid)?.startTicks ?? 0;
  const watchAll = (): void => {
    const held: HeldProcess[] = [];
    for (let number = 0; number < 800; number += 1) {
      const one = holdProcess(child.pid, ticks);
      if (one === null) throw new Error("not held");
      one.watch(() => {});
      held.push(one);
    }
    for (const one of held) one.close();
  };
  try {
    // What else a busy machine does can only make it more, so one try of several is enough.
    let least = Infinity;
    for (let tries = 0; tries < 5 && least >= 400; tries += 1) least = Math.min(least, cpuMillis(watchAll));
    expect(least).toBeLessThan(400);
  } finally {
    sendSignal(child.pid, "SIGKILL");
  }
});

test("an empty process group is known without a search of all processes", () => {
  const nobody = 2 ** 22 - 1;
  const before = bytesRead();
  for (let number = 0; number < 20; number += 1) expect(isSessionSince(nobody, bootMillis())).toBe(false);
  // A search reads a line for each process.
  expect(bytesRead() - before).toBeLessThan(1000);
});
