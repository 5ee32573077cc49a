import { holdProcess, type HeldProcess } from "@upkeep/linux/process/held-process";
import { processInfo } from "@upkeep/linux/process/process-info";
import { afterAll, expect, test } from "vitest";

import { ProcessTable } from "../../src/engine/process-table.ts";
import { hasEnded, startChildren, type Child } from "../helpers/child.ts";
import { until } from "../helpers/until.ts";

const children = startChildren();
afterAll(children.end);

/** A child that writes the names of the signals it gets. */
async function startListener(): Promise<Child> {
  const traps = ["HUP", "USR1", "USR2"].map((name) => `trap 'echo ${name}' ${name}`).join("; ");
  const child = children.start(`${traps}; echo begun; while :; do sleep 0.01; done`);
  await until(() => child.text() === "begun\n");
  return child;
}

/** Proves that the signals before have arrived or never will: a later one has. */
async function heard(child: Child): Promise<string> {
  process.kill(child.pid, "SIGUSR2");
  await until(() => child.text().endsWith("USR2\n"));
  return child.text();
}

function hold({ pid }: Child): HeldProcess {
  const held = holdProcess(pid, processInfo(pid)?.startTicks ?? 0);
  if (held === null) throw new Error("it has ended");
  return held;
}

test("only a process that lives gets a signal", async () => {
  const child = await startListener();
  const table = new ProcessTable();
  table.signal(child.pid, "SIGHUP");
  table.add(child.pid, "log");
  expect(table.hasStarted(child.pid)).toBe(true);
  table.signal(child.pid, 10);
  await until(() => child.text().endsWith("USR1\n"));
  expect(table.remove(child.pid)).toBe("log");
  expect(table.hasStarted(child.pid)).toBe(false);
  table.signal(child.pid, "SIGHUP");
  expect(await heard(child)).toBe("begun\nUSR1\nUSR2\n");
});

test("an adopted process gets signals until it has ended", async () => {
  const child = await startListener();
  const table = new ProcessTable();
  const ends: number[] = [];
  table.adopt(hold(child), (aliveAt) => ends.push(aliveAt));
  expect(table.hasStarted(child.pid)).toBe(false);
  table.signal(child.pid, "SIGUSR1");
  expect(await heard(child)).toBe("begun\nUSR1\nUSR2\n");
  expect(ends).toEqual([]);
  table.signal(child.pid, "SIGKILL");
  await until(() => ends.length > 0);
  expect(ends[0]).toBeGreaterThan(0);
  // A sender that has forgotten the process sends nothing, and does not fail.
  table.signal(child.pid, "SIGHUP");
});

test("the group of a process that leads one is killed with it", async () => {
  for (const isAdopted of [false, true]) {
    const child = children.start("sleep 1000 & echo $!; exec sleep 1000");
    await until(() => child.text().endsWith("\n"));
    const member = Number(child.text());
    const table = new ProcessTable();
    if (isAdopted) table.adopt(hold(child), () => {});
    else table.add(child.pid, "service");
    table.killGroup({ pid: child.pid, group: child.pid, startTicks: 1 });
    await until(() => child.hasEnded() && hasEnded(member));
  }
});

test("a process that leads no group is killed alone", async () => {
  for (const isAdopted of [false, true]) {
    const child = await startListener();
    const member = children.start("exec sleep 1000");
    const table = new ProcessTable();
    if (isAdopted) table.adopt(hold(child), () => {});
    else table.add(child.pid, "service");
    // The group that is on record is another's: were it killed, `member` would be.
    table.killGroup({ pid: child.pid, group: member.pid, startTicks: 1 });
    await until(() => child.hasEnded());
    process.kill(member.pid, "SIGSTOP");
    await until(() => processInfo(member.pid)?.state === "T");
  }
});

test("a process that is not on the table is not killed", async () => {
  const child = await startListener();
  new ProcessTable().killGroup({ pid: child.pid, group: child.pid, startTicks: 1 });
  expect(await heard(child)).toBe("begun\nUSR2\n");
});

test("the group of an adopted process that has ended is not killed", async () => {
  const member = "trap 'echo USR2' USR2; echo begun; while :; do sleep 0.01; done";
  const child = children.start(`(${member}) & exec sleep 1000`);
  await until(() => child.text() === "begun\n");
  const table = new ProcessTable();
  table.adopt(hold(child), () => {});
  process.kill(child.pid, "SIGKILL");
  await until(() => child.hasEnded());
  table.killGroup({ pid: child.pid, group: child.pid, startTicks: 1 });
  process.kill(-child.pid, "SIGUSR2");
  await until(() => child.text() === "begun\nUSR2\n");
});
