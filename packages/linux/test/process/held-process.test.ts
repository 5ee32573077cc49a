import { holdProcess } from "@upkeep/linux/process/held-process";
import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { isSessionSince, listProcesses, processInfo, systemRun } from "@upkeep/linux/process/process-info";
import { bootMillis } from "@upkeep/linux/time/clock";
import { tickMillis } from "@upkeep/linux/core/clock-ticks";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { spawn } from "@upkeep/linux/exec/spawn";
import { reapChildren } from "@upkeep/linux/process/wait";
import { expect, test } from "vitest";

import { until } from "../helpers/until.ts";

function shell(script: string): number {
  const argv = ["sh", "-c", script];
  const result = spawn({ path: "/bin/sh", argv, environment: inheritedEnvironment(), newSession: true });
  if (!result.ok) throw new Error(`no process: ${result.errno}`);
  return result.pid;
}

const ticksOf = (pid: number): number => processInfo(pid)?.startTicks ?? 0;

test("holds the process of that start time only", () => {
  const pid = shell("exec sleep 1000");
  const ticks = ticksOf(pid);
  expect(holdProcess(pid, ticks + 1)).toBeNull();
  expect(holdProcess(2 ** 22, ticks)).toBeNull();
  expect(holdProcess(-1, ticks)).toBeNull();
  const held = holdProcess(pid, ticks);
  expect(held?.hasEnded()).toBe(false);
  held?.close();
  sendSignal(pid, "SIGKILL");
});

test("signals it, and tells once of its end, reaped or not", async () => {
  const pid = shell("exec sleep 1000");
  const before = bootMillis();
  const held = holdProcess(pid, ticksOf(pid));
  const ends: number[] = [];
  held?.watch((aliveAt) => ends.push(aliveAt));
  held?.signal("SIGKILL");
  await until("the end", () => ends.length > 0 || undefined);
  expect(ends).toHaveLength(1);
  expect(ends[0]).toBeGreaterThanOrEqual(before);
  expect(held?.hasEnded()).toBe(true);
  expect(holdProcess(pid, ticksOf(pid))).toBeNull();
  await until("it to be reaped", () => reapChildren().some((one) => one.pid === pid) || undefined);
  held?.signal("SIGKILL");
});

test("an end is told with a time at which the process lived, and was looked at lately", async () => {
  /** How long after it was held a process that lives for so many ms was last seen alive. */
  const seenAfter = async (millis: number): Promise<number> => {
    const pid = shell("exec sleep 1000");
    const held = holdProcess(pid, ticksOf(pid));
    const ends: number[] = [];
    const begin = bootMillis();
    held?.watch((aliveAt) => ends.push(aliveAt));
    await until("the time to pass", () => bootMillis() - begin > millis);
    const killed = bootMillis();
    sendSignal(pid, "SIGKILL");
    const aliveAt = await until("the end", () => ends[0]);
    expect(aliveAt).toBeLessThanOrEqual(killed);
    await until("it to be reaped", () => reapChildren().some((one) => one.pid === pid) || undefined);
    return aliveAt - begin;
  };
  let life = 1500;
  // There is a look each second, or later where the machine is busy.
  while ((await seenAfter(life)) <= 0) life *= 2;
});

test("a session is the one of a moment when somebody has been in it for longer", async () => {
  const pid = shell("sleep 1000 & exec sleep 0.01");
  await until("the leader to be reaped", () => reapChildren().some((one) => one.pid === pid) || undefined);
  expect(processInfo(pid)).toBeNull();
  expect(isSessionSince(pid, bootMillis() + 1000)).toBe(true);
  expect(isSessionSince(pid, 0)).toBe(false);
  const child = listProcesses().find((one) => one.session === pid)?.startTicks ?? 0;
  expect(isSessionSince(pid, child * tickMillis - 1)).toBe(false);
  expect(isSessionSince(pid, child * tickMillis)).toBe(true);
  sendSignal(-pid, "SIGKILL");
  await until("all to be gone", () => !isSessionSince(pid, bootMillis() + 1000) || undefined);
});

test("start times are on the clock that goes on in suspend", () => {
  const before = bootMillis();
  const pid = shell("exec sleep 1000");
  const ticks = ticksOf(pid);
  expect(ticks).toBeGreaterThanOrEqual(Math.floor(before / 10));
  expect(ticks * 10).toBeLessThanOrEqual(bootMillis());
  sendSignal(pid, "SIGKILL");
});

test("a run of the system is told from others", () => {
  expect(systemRun()).toMatch(/^[0-9a-f-]{36} pid:\[\d+\] \d+$/);
  expect(systemRun()).toBe(systemRun());
});
