/* Limits of processes that run. */
import { readdirSync } from "node:fs";
import { expect } from "vitest";
import type { RunningCommand } from "./running-command.ts";
import type { TestRig } from "../core/test-rig.ts";

/** Lowers the limit of a process so that it cannot open anything. */
export async function takeDescriptors(rig: TestRig, command: RunningCommand): Promise<void> {
  const free = await idleDescriptor(rig, command);
  await prlimit(rig, command, `--nofile=${free}:`);
}

export async function giveDescriptors(rig: TestRig, command: RunningCommand): Promise<void> {
  await prlimit(rig, command, "--nofile=1000:");
}

/** The number of the first free descriptor, once the process opens and closes none any more. */
async function idleDescriptor(rig: TestRig, { pid }: RunningCommand): Promise<number> {
  const looks: number[] = [];
  return await rig.until("the descriptors to stay the same", () => {
    const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
    let free = 0;
    while (open.has(free)) free += 1;
    looks.push(free);
    const latest = looks.slice(-5);
    return latest.length === 5 && latest.every((one) => one === free) && free;
  });
}

/** Changes a limit of a process; `under`: a prefix, such as another user. */
export async function prlimit(
  rig: TestRig,
  { pid }: RunningCommand,
  change: string,
  under: readonly string[] = [],
): Promise<void> {
  expect(await rig.run("prlimit", [`--pid=${pid}`, change], { under })).toMatchObject({ code: 0 });
}
