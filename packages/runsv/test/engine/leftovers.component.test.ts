import { processInfo } from "@upkeep/linux/process/process-info";
import { afterAll, expect, test } from "vitest";

import { Leftovers } from "../../src/engine/leftovers.ts";
import { startChildren } from "../helpers/child.ts";
import { until } from "../helpers/until.ts";

const children = startChildren();
afterAll(children.end);

const nothingStarted = { hasStarted: (): boolean => false };
/** Taken for started: whatever else the process of the tests has for children. */
const allBut = (pid: number) => ({ hasStarted: (other: number): boolean => other !== pid });

test("a group has leftovers as long as a member lives, whoever led it", async () => {
  const child = children.start("sleep 1000 & echo $!");
  await until(() => child.hasEnded() && child.text() !== "");
  const leftovers = new Leftovers(nothingStarted);
  expect(leftovers.areThere(child.pid, false)).toBe(true);
  leftovers.signal(child.pid, false, "SIGKILL");
  await until(() => !leftovers.areThere(child.pid, false));
  expect(processInfo(Number(child.text()))?.state ?? "Z").toBe("Z");
});

test("a member that only awaits its reaper is not left over", async () => {
  // The member ends when its parent has become a program that reaps nobody.
  const wait = `until [ "$(cat /proc/'$$'/comm)" = sleep ]; do sleep 0.01; done`;
  const parent = children.start(`setsid sh -c 'echo $$; ${wait}' & exec sleep 1000`);
  await until(() => parent.text().endsWith("\n") && processInfo(Number(parent.text()))?.state === "Z");
  const group = Number(parent.text());
  expect(process.kill(-group, 0)).toBe(true);
  expect(new Leftovers(nothingStarted).areThere(group, false)).toBe(false);
});

test("every member of the group gets the signal", async () => {
  const trap = "trap 'echo heard; exit' TERM; echo begun; while :; do sleep 0.01; done";
  const child = children.start(`(${trap}) & (${trap}) & wait; exec sleep 1000`);
  await until(() => child.text() === "begun\nbegun\n");
  new Leftovers(nothingStarted).signal(child.pid, false, "SIGTERM");
  await until(() => child.text() === "begun\nbegun\nheard\nheard\n");
});

test("a group that was lost is left alone until its slot forgets it", () => {
  const child = children.start("exec sleep 1000");
  const leftovers = new Leftovers(nothingStarted);
  leftovers.lose("log", child.pid);
  expect(leftovers.areThere(child.pid, false)).toBe(false);
  leftovers.forget("service");
  expect(leftovers.areThere(child.pid, false)).toBe(false);
  leftovers.forget("log");
  expect(leftovers.areThere(child.pid, false)).toBe(true);
});

test("an orphan counts, and gets the signal, only where that is asked for", async () => {
  const orphan = children.start("trap 'echo TERM' TERM; trap 'echo HUP' HUP; echo begun; while :; do sleep 0.01; done");
  const group = children.start("exit");
  await until(() => orphan.text() === "begun\n" && processInfo(group.pid) === null);
  const leftovers = new Leftovers(allBut(orphan.pid));
  expect(leftovers.areThere(group.pid, false)).toBe(false);
  expect(leftovers.areThere(group.pid, true)).toBe(true);
  leftovers.signal(group.pid, false, "SIGTERM");
  leftovers.signal(group.pid, true, "SIGHUP");
  await until(() => orphan.text() === "begun\nHUP\n");
});

test("members of a group that are kept are kept as orphans, too, also at the end of a later start", async () => {
  const orphan = children.start("trap 'echo TERM' TERM; trap 'echo HUP' HUP; echo begun; while :; do sleep 0.01; done");
  await until(() => orphan.text() === "begun\n");
  const leftovers = new Leftovers(allBut(orphan.pid));
  const later = children.start("exec sleep 1000");
  for (const { pid } of [orphan, later]) {
    expect(leftovers.areThere(pid, true, true)).toBe(false);
    leftovers.signal(pid, true, "SIGTERM", true);
  }
  expect(leftovers.areThere(later.pid, true)).toBe(true);
  leftovers.signal(orphan.pid, true, "SIGHUP");
  await until(() => orphan.text().startsWith("begun\nHUP\n"));
});

test("a child that we have started is no orphan", () => {
  children.start("exec sleep 1000");
  const group = children.start("exec sleep 1000");
  const leftovers = new Leftovers({ hasStarted: () => true });
  leftovers.lose("service", group.pid);
  expect(leftovers.areThere(group.pid, true)).toBe(false);
});
