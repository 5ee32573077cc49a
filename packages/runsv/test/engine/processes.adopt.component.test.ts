import { holdProcess, type HeldProcess } from "@upkeep/linux/process/held-process";
import { listProcesses, processInfo } from "@upkeep/linux/process/process-info";
import { afterAll, expect, test } from "vitest";

import type { Inheritance } from "../../src/adopt/find.ts";
import type { FormerRecord } from "../../src/core/adopt/record.ts";
import { startChildren } from "../helpers/child.ts";
import { makeDirectories } from "../helpers/directories.ts";
import { nobody, openProcesses } from "../helpers/processes.ts";
import { until } from "../helpers/until.ts";

const directories = makeDirectories("adopt");
const children = startChildren();
afterAll(() => {
  children.end();
  directories.remove();
});

/** What a slot inherits; the record itself means nothing to the processes. */
function inheritance(claim: Inheritance["claim"], held: HeldProcess | null = null): Inheritance {
  const former = {} as FormerRecord;
  return { former, claim, held, isAlive: held !== null, isReplaced: true };
}

test("an adopted process that has ended unseen is reported lost, but not before all is opened", async () => {
  const { processes, lost, output } = openProcesses(directories.make());
  const process = { pid: nobody, group: nobody, startTicks: 1 };
  processes.adopt("service", inheritance({ kind: "run", process }));
  processes.adopt("log", inheritance({ kind: "run", process: { ...process, pid: nobody + 1 } }));
  expect(lost).toEqual([]);
  expect(output).toEqual(["resume"]);
  await until(() => lost.length === 2);
  expect(lost).toEqual([`service ${nobody}`, `log ${nobody + 1}`]);
});

test("what is started beside an adopted ./run gets a session if ./run got one", () => {
  const place = directories.make();
  place.write("no-setsid", "");
  const { processes, requests } = openProcesses(place);
  processes.startScript("t", null);
  processes.adopt("log", inheritance(null));
  processes.startScript("t", null);
  processes.adopt("service", inheritance(null));
  processes.startScript("t", null);
  expect(requests.map(({ newSession }) => newSession)).toEqual([true, true, false]);
});

test("a claim without a process reports nothing lost", async () => {
  const { processes, lost } = openProcesses(directories.make());
  processes.adopt("service", inheritance(null));
  processes.adopt("log", inheritance({ kind: "ended" }));
  processes.adopt("log", inheritance({ kind: "leftovers", group: nobody, groupAt: 1 }));
  processes.adopt("log", inheritance({ kind: "run", process: { pid: nobody, group: nobody, startTicks: 1 } }));
  await until(() => lost.length > 0);
  expect(lost).toEqual([`log ${nobody}`]);
});

test("a group whose leader has ended unseen is left alone until the slot starts anew", () => {
  const child = children.start("sleep 1000");
  const process = { pid: child.pid, group: child.pid, startTicks: 1 };
  const { processes } = openProcesses(directories.make());
  expect(processes.hasLeftovers(child.pid, false)).toBe(true);
  processes.adopt("service", inheritance({ kind: "run", process }));
  expect(processes.hasLeftovers(child.pid, false)).toBe(false);
  processes.startRun("log");
  expect(processes.hasLeftovers(child.pid, false)).toBe(false);
  processes.startRun("service");
  expect(processes.hasLeftovers(child.pid, false)).toBe(true);
});

test("leftovers that were on record and are gone are not looked for", () => {
  const child = children.start("sleep 1000");
  const { processes } = openProcesses(directories.make());
  const claim = { kind: "leftovers", group: child.pid, groupAt: 1 } as const;
  processes.adopt("service", { ...inheritance(claim), isAlive: true });
  expect(processes.hasLeftovers(child.pid, false)).toBe(true);
  processes.adopt("service", inheritance(claim));
  expect(processes.hasLeftovers(child.pid, false)).toBe(false);
});

test("an adopted process gets signals, and its end completes a line and is reported", async () => {
  const child = children.start("sleep 1000");
  const startTicks = processInfo(child.pid)?.startTicks ?? 0;
  const held = holdProcess(child.pid, startTicks);
  const process = { pid: child.pid, group: child.pid, startTicks };
  const { processes, lost, output } = openProcesses(directories.make());
  processes.adopt("service", inheritance({ kind: "run", process }, held));
  processes.signal(child.pid, "SIGKILL");
  await until(() => lost.length > 0);
  expect(lost).toEqual([`service ${child.pid}`]);
  expect(output).toEqual(["resume", "process ended"]);
  expect(processes.reaped(child.pid)).toBeNull();
});

test("what an adopted ./run leaves in its session is still ended", async () => {
  const child = children.start("sleep 1000 & exec sleep 1000");
  await until(() => listProcesses().filter(({ group }) => group === child.pid).length === 2);
  const startTicks = processInfo(child.pid)?.startTicks ?? 0;
  const { processes, lost } = openProcesses(directories.make());
  const process = { pid: child.pid, group: child.pid, startTicks };
  processes.adopt("service", inheritance({ kind: "run", process }, holdProcess(child.pid, startTicks)));
  processes.signal(child.pid, "SIGKILL");
  await until(() => lost.length > 0);
  expect(processes.hasLeftovers(child.pid, false)).toBe(true);
  processes.signalLeftovers(child.pid, false, "SIGKILL");
  await until(() => !processes.hasLeftovers(child.pid, false));
});
