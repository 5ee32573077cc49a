import { closeSync, symlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

import { defaultSettings } from "@upkeep/service-directory/core/run-settings";
import { errno, SystemError } from "@upkeep/linux/core/errno";
import { duplicateAbove } from "@upkeep/linux/fd/descriptor";
import { setSubreaper } from "@upkeep/linux/process/process-control";
import { processInfo } from "@upkeep/linux/process/process-info";
import { afterAll, expect, test } from "vitest";

import { startChildren } from "../helpers/child.ts";
import { openDescriptors, openedSince } from "../helpers/descriptors.ts";
import { makeDirectories } from "../helpers/directories.ts";
import { failsWith, killedRun, nobody, openProcesses } from "../helpers/processes.ts";
import { until } from "../helpers/until.ts";

const directories = makeDirectories("processes");
const children = startChildren();
afterAll(() => {
  children.end();
  directories.remove();
});

test("./run is started in its directory, in a session of its own, on what the output has prepared", () => {
  const place = directories.make();
  const { processes, requests, output } = openProcesses(place);
  expect(processes.startRun("service")).toMatchObject({
    kind: "runStarted",
    process: { pid: nobody, group: nobody },
    settings: defaultSettings,
  });
  expect(output).toEqual(["prepare"]);
  expect(requests).toEqual([
    {
      path: "./run",
      argv: ["./run"],
      directory: place.directory.fd,
      newSession: true,
      stdio: [0, 11, 12],
      descriptors: {},
      environment: [Buffer.from("A=1")],
    },
  ]);
});

test("a process that leads a session is known by its pid, and one that does not by the group it is in", () => {
  const place = directories.make();
  // The clock may tell when it has started, so it has to start now.
  const { processes } = openProcesses(place, () => ({ ok: true, pid: children.start("exec sleep 1000").pid }));
  const leader = processes.startRun("service");
  if (leader.kind !== "runStarted") return expect.unreachable();
  const { pid, startTicks } = leader.process;
  expect([leader.process.group, processInfo(pid)?.startTicks]).toEqual([pid, startTicks]);
  place.write("no-setsid", "");
  const own = openProcesses(place, () => ({ ok: true, pid: process.pid }));
  const { group, startTicks: ownTicks } = processInfo("self") ?? expect.unreachable();
  expect(own.processes.startRun("service")).toMatchObject({
    process: { pid: process.pid, group, startTicks: ownTicks },
  });
});

test("no-setsid keeps ./run and what is started beside it in our session", () => {
  const place = directories.make();
  place.write("no-setsid", "");
  const { processes, requests } = openProcesses(place);
  processes.startRun("service");
  processes.startFinish(killedRun);
  processes.startScript("t", null);
  expect(requests.map(({ newSession }) => newSession)).toEqual([false, false, false]);
});

test("a script that makes its own group is started in one that it does not lead, which a process of ours makes", () => {
  const place = directories.make();
  let pid = nobody;
  const { processes, requests } = openProcesses(place, () => ({ ok: true, pid: pid++ }));
  place.write("run", "#!/bin/sh\nexec setsid app\n", 0o755);
  const placed = { placement: "group", process: { pid: nobody + 1, group: nobody } };
  expect(processes.startRun("service")).toMatchObject(placed);
  expect(requests.splice(0)).toMatchObject([
    { path: "/proc/self/exe", group: 0 },
    { path: "./run", group: nobody, newSession: false },
  ]);
  expect([processes.groupOf(nobody + 1), processes.groupOf(nobody)]).toEqual([nobody, null]);
  expect(processes.reaped(nobody)).toBeNull();
  expect(processes.reaped(nobody + 1)).toBe("service");
  expect(processes.groupOf(nobody + 1)).toBeNull();
  place.write("run", "#!/bin/sh\nexec app\n", 0o755);
  expect(processes.startRun("service")).toMatchObject({ placement: "session" });
  expect(processes.startRun("service", "group")).toMatchObject({ placement: "group" });
  place.write("no-setsid", "");
  expect(processes.startRun("service", "group")).toMatchObject({ placement: "shared" });
});

test("where no group can be made, ./run leads a session, or is tried again if there is no process to be had", () => {
  let number: number = errno.ENOENT;
  const { processes, requests } = openProcesses(directories.make(), ({ group }) =>
    group === 0 ? { ok: false, errno: number } : { ok: true, pid: nobody },
  );
  expect(processes.startRun("service", "group")).toMatchObject({ placement: "session" });
  expect(requests.at(-1)).toMatchObject({ newSession: true });
  number = errno.EAGAIN;
  expect(processes.startRun("service", "group")).toMatchObject({ kind: "runFailed", retry: true });
});

test("the log is started in its directory, and reads the log pipe", () => {
  const [place, log] = [directories.make(), directories.make()];
  const pipe = { read: 31, write: 32 };
  const { processes, requests, output } = openProcesses(place, undefined, { directory: log, pipe });
  processes.startRun("log");
  expect(requests).toMatchObject([{ path: "./run", directory: log.directory.fd, stdio: [31, 1, 2] }]);
  expect(output).toEqual([]);
});

test("./finish is told how ./run ended, and writes where ./run wrote", () => {
  const { processes, requests } = openProcesses(directories.make());
  processes.startFinish(killedRun);
  expect(requests).toMatchObject([{ argv: ["./finish", "-1", "9", "app", "77"], stdio: [0, 21, 22] }]);
});

test("a bad setting is complained about once, and again after it was mended", () => {
  const place = directories.make();
  const { processes, said } = openProcesses(place);
  place.write("timeout-kill", "soon\n");
  processes.startRun("service");
  processes.startRun("service");
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^warning: timeout-kill: "soon" is not /);
  place.write("timeout-kill", "5\n");
  processes.startRun("service");
  place.write("timeout-kill", "soon\n");
  processes.startRun("service");
  expect(said).toHaveLength(2);
});

test("a control script runs when its owner may execute it", () => {
  const place = directories.make();
  const { processes, said } = openProcesses(place);
  place.write("control/t", "#!/bin/sh\n");
  place.write("control/h", "#!/bin/sh\n", 0o644);
  symlinkSync("q", join(place.path, "control/q"));
  expect([processes.hasScript("t"), processes.hasScript("h"), processes.hasScript("d")]).toEqual([true, false, false]);
  expect(said).toEqual([]);
  expect(processes.hasScript("q")).toBe(false);
  expect(said).toEqual(["warning: unable to stat control/q: symbolic link loop"]);
});

test("a process may tell that it is ready before its spawn has returned", async () => {
  const place = directories.make();
  place.write("notification-fd", "3\n");
  const { processes, notified } = openProcesses(place, ({ descriptors }) => {
    writeSync(descriptors?.[3] ?? -1, "\n");
    return { ok: true, pid: nobody };
  });
  processes.startRun("service");
  expect(notified).toEqual([nobody]);
});

test("a failed start leaves no notification pipe open", () => {
  const place = directories.make();
  place.write("notification-fd", "3\n");
  const { processes, requests } = openProcesses(place, failsWith(errno.EAGAIN));
  const before = openDescriptors();
  processes.startRun("service");
  expect(Object.keys(requests[0]?.descriptors ?? {})).toEqual(["3"]);
  expect(openedSince(before)).toEqual([]);
});

test("a process that was reaped is not heard any more", () => {
  const place = directories.make();
  place.write("notification-fd", "3\n");
  let own = -1;
  const { processes, notified } = openProcesses(place, ({ descriptors }) => {
    own = duplicateAbove(descriptors?.[3] ?? -1, 3);
    return { ok: true, pid: nobody };
  });
  processes.startRun("service");
  processes.reaped(nobody);
  expect(() => writeSync(own, "\n")).toThrow("EPIPE");
  expect(notified).toEqual([]);
  closeSync(own);
});

/** The parent that a child's child gets when its own has ended. */
async function parentOfOrphan(): Promise<number> {
  const child = children.start("sleep 1000 & echo $!");
  await until(() => child.text() !== "" && child.hasEnded());
  return processInfo(Number(child.text()))?.parent ?? 0;
}

test("orphans become our children as long as flag-kill-orphans asks for it", async () => {
  const place = directories.make();
  const { processes } = openProcesses(place);
  try {
    processes.startRun("service");
    expect(await parentOfOrphan()).not.toBe(process.pid);
    place.write("flag-kill-orphans", "");
    processes.startRun("log");
    expect(await parentOfOrphan()).not.toBe(process.pid);
    processes.startRun("service");
    expect(await parentOfOrphan()).toBe(process.pid);
    place.remove("flag-kill-orphans");
    processes.startRun("service");
    expect(await parentOfOrphan()).not.toBe(process.pid);
  } finally {
    setSubreaper(false);
  }
});

test("a service starts, after one warning, where orphans may not become our children", () => {
  const place = directories.make();
  place.write("flag-kill-orphans", "");
  const { processes, said } = openProcesses(place, undefined, null, () => {
    throw new SystemError("become subreaper", errno.EPERM);
  });
  for (const _ of [1, 2]) expect(processes.startRun("service")).toMatchObject({ kind: "runStarted" });
  expect(said).toEqual(["warning: unable to become subreaper: permission denied"]);
});

test("a child belongs to the slot that it was started for, until it is reaped", () => {
  let pid = nobody;
  const { processes } = openProcesses(directories.make(), () => ({ ok: true, pid: pid++ }));
  processes.startRun("service");
  processes.startRun("log");
  expect([processes.reaped(nobody), processes.reaped(nobody + 1)]).toEqual(["service", "log"]);
  expect([processes.reaped(nobody), processes.reaped(nobody + 1)]).toEqual([null, null]);
});
