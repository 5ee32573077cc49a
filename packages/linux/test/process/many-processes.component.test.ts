import { readFileSync } from "node:fs";

import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { spawn } from "@upkeep/linux/exec/spawn";
import { holdProcess, type HeldProcess } from "@upkeep/linux/process/held-process";
import { livingMember } from "@upkeep/linux/process/group-member";
import { isSessionSince, listProcesses, processInfo } from "@upkeep/linux/process/process-info";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { bootMillis } from "@upkeep/linux/time/clock";
import { expect, test } from "vitest";

import { makeZombies } from "../helpers/zombies.ts";

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

/** The same of an action. */
function bytesReadBy(action: () => void): number {
  const before = bytesRead();
  action();
  return bytesRead() - before;
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

test("a process group whose leader waits to be reaped is known without a search of all processes", async () => {
  using zombies = await makeZombies(1);
  const [group = 0] = zombies.groups;
  expect(bytesReadBy(() => expect(isSessionSince(group, bootMillis())).toBe(true))).toBeLessThan(1000);
});

test("groups of zombies that end together take one search of all processes", async () => {
  using zombies = await makeZombies(10);
  // Whatever else is born on this machine meanwhile makes for another search, so one try of several is enough.
  let least = Infinity;
  for (let tries = 0; tries < 20 && least >= 5; tries += 1) {
    const before = bytesRead();
    const search = bytesReadBy(() => listProcesses());
    for (const group of zombies.groups) expect(livingMember(group, 0)).toBeNull();
    least = Math.min(least, (bytesRead() - before) / search);
  }
  expect(least).toBeLessThan(5);
});
