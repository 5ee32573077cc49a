import { closeSync, fstatSync, statSync, symlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

import { defaultSettings } from "@upkeep/service-directory/core/run-settings";
import { errno } from "@upkeep/linux/core/errno";
import type { SpawnResult } from "@upkeep/linux/exec/spawn";
import { duplicateAbove } from "@upkeep/linux/fd/descriptor";
import { setSubreaper } from "@upkeep/linux/process/process-control";
import { holdProcess, type HeldProcess } from "@upkeep/linux/process/held-process";
import { listProcesses, processInfo } from "@upkeep/linux/process/process-info";
import { afterAll, expect, test } from "vitest";

import type { Inheritance } from "../../src/adopt/find.ts";
import type { FormerRecord } from "../../src/core/adopt/record.ts";
import type { LastExit } from "../../src/core/slot.ts";
import { startChildren } from "../helpers/child.ts";
import { countDescriptors } from "../helpers/descriptors.ts";
import { makeDirectories } from "../helpers/directories.ts";
import { nobody, openProcesses } from "../helpers/processes.ts";
import { until } from "../helpers/until.ts";

const directories = makeDirectories("processes");
const children = startChildren();
afterAll(() => {
  children.end();
  directories.remove();
});

const fails = (number: number) => (): SpawnResult => ({ ok: false, errno: number });
const last: LastExit = {
  exit: { kind: "killed", signal: 9, core: false },
  group: 77,
  at: { seconds: 1, nanoseconds: 0 },
  ranMillis: 5,
};

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
  const { processes } = openProcesses(place, () => ({ ok: true, pid: process.pid }));
  const { group, startTicks } = processInfo("self") ?? expect.unreachable();
  const { pid } = process;
  expect(processes.startRun("service")).toMatchObject({ process: { pid, group: pid, startTicks } });
  place.write("no-setsid", "");
  expect(processes.startRun("service")).toMatchObject({ process: { pid, group, startTicks } });
});

test("no-setsid keeps ./run and what is started beside it in our session", () => {
  const place = directories.make();
  place.write("no-setsid", "");
  const { processes, requests } = openProcesses(place);
  processes.startRun("service");
  processes.startFinish(last);
  processes.startScript("t");
  expect(requests.map(({ newSession }) => newSession)).toEqual([false, false, false]);
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
  processes.startFinish(last);
  expect(requests).toMatchObject([{ argv: ["./finish", "-1", "9", "app", "77"], stdio: [0, 21, 22] }]);
});

test("without a process to be had ./run, ./finish and control scripts are tried again, and each try says so", () => {
  const words = { [errno.EAGAIN]: "temporary failure", [errno.ENOMEM]: "out of memory" };
  for (const [number, reason] of Object.entries(words)) {
    const { processes, said } = openProcesses(directories.make(), fails(Number(number)));
    for (let turn = 0; turn < 2; turn++) {
      expect(processes.startRun("service")).toMatchObject({ kind: "runFailed", retry: true });
    }
    expect(processes.startFinish(last)).toEqual({ kind: "finishSkipped", retry: true });
    expect(processes.startScript("t")).toBeNull();
    expect(said).toEqual([
      ...Array.from({ length: 3 }, () => `warning: unable to fork, sleeping: ${reason}`),
      `warning: unable to fork for control/t: ${reason}`,
    ]);
  }
});

test("a script that is missing or forbidden is not tried again, and needs no explanation", () => {
  const { processes, said } = openProcesses(directories.make(), fails(errno.ENOENT));
  expect(processes.startRun("service")).toMatchObject({ kind: "runFailed", retry: false });
  expect(processes.startRun("log")).toMatchObject({ kind: "runFailed", retry: false });
  expect(processes.startFinish(last)).toEqual({ kind: "finishSkipped", retry: false });
  expect(processes.startScript("t")).toBeNull();
  expect(said).toEqual([
    "fatal: unable to start ./run: file does not exist",
    "fatal: unable to start log/./run: file does not exist",
    "fatal: unable to start ./finish: file does not exist",
    "fatal: unable to run control/?: file does not exist",
  ]);
  const place = directories.make();
  place.write("run", "#!/bin/sh\n", 0o644);
  const forbidden = openProcesses(place, fails(errno.EACCES));
  expect(forbidden.processes.startRun("service")).toMatchObject({ kind: "runFailed", retry: false });
  expect(forbidden.said).toEqual(["fatal: unable to start ./run: access denied"]);
});

test("a missing interpreter is explained once, and again after it has been another trouble", () => {
  const place = directories.make();
  place.write("run", "#!/missing/sh\n");
  let number: number = errno.ENOENT;
  const { processes, said } = openProcesses(place, () => ({ ok: false, errno: number }));
  const failed = "fatal: unable to start ./run: file does not exist";
  const explained = 'warning: ./run: its interpreter "/missing/sh" does not exist';
  for (let turn = 0; turn < 3; turn++) processes.startRun("service");
  expect(said.splice(0)).toEqual([failed, explained, failed, failed]);
  number = errno.EACCES;
  processes.startRun("service");
  number = errno.ENOENT;
  processes.startRun("service");
  expect(said.splice(0)).toEqual(["fatal: unable to start ./run: access denied", failed, explained]);
  place.write("run", "#!/bin/sh\r\n");
  processes.startRun("service");
  expect(said).toEqual([
    failed,
    'warning: ./run: its interpreter "/bin/sh\\r" does not exist: its lines end in CR LF, make them end in LF',
  ]);
});

test("a script without an interpreter is explained, and not tried again", () => {
  const place = directories.make();
  place.write("run", "echo\n");
  const { processes, said } = openProcesses(place, fails(errno.ENOEXEC));
  expect(processes.startRun("service")).toMatchObject({ kind: "runFailed", retry: false });
  expect(said).toEqual([
    "fatal: unable to start ./run: exec format error",
    'warning: ./run: it neither is a program nor begins with "#!", as in "#!/bin/sh"',
  ]);
});

test("explanations of ./run, of its log and of ./finish do not hide each other", () => {
  const [place, log] = [directories.make(), directories.make()];
  place.write("run", "echo\n");
  place.write("finish", "echo\n");
  log.write("run", "echo\n");
  const { processes, said } = openProcesses(place, fails(errno.ENOEXEC), {
    directory: log,
    pipe: { read: 0, write: 1 },
  });
  processes.startRun("service");
  processes.startRun("log");
  processes.startFinish(last);
  expect(said.filter((line) => line.startsWith("warning"))).toHaveLength(3);
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

test("./check is silent, and its end completes no line of the output", () => {
  const { processes, requests, output } = openProcesses(directories.make());
  expect(processes.startCheck()).toMatchObject({ kind: "checkStarted", process: { pid: nobody } });
  processes.startCheck();
  const used = requests.flatMap(({ stdio }) => stdio);
  expect(used).toHaveLength(6);
  expect(new Set(used).size).toBe(1);
  expect(fstatSync(Number(used[0])).rdev).toBe(statSync("/dev/null").rdev);
  expect(processes.reaped(nobody)).toBe("service");
  expect(output).toEqual([]);
  expect(processes.reaped(77)).toBeNull();
  expect(output).toEqual(["process ended"]);
});

test("a missing ./check is tried again without a word", () => {
  const { processes, said, requests } = openProcesses(directories.make(), fails(errno.ENOENT));
  expect(processes.startCheck()).toEqual({ kind: "checkFailed", retry: true });
  expect(requests).toHaveLength(1);
  expect(said).toEqual([]);
});

test("a ./check that is put there while it is started is started by the second try", () => {
  const place = directories.make();
  let isFirst = true;
  const { processes, said } = openProcesses(place, () => {
    if (!isFirst) return { ok: true, pid: nobody };
    isFirst = false;
    place.write("check", "#!/bin/sh\n");
    return { ok: false, errno: errno.ENOENT };
  });
  expect(processes.startCheck()).toMatchObject({ kind: "checkStarted" });
  expect(said).toEqual([]);
});

test("a ./check that is gone at the second try is tried again without a word", () => {
  const place = directories.make();
  place.write("check", "#!/bin/sh\n");
  let tries = 0;
  const { processes, said } = openProcesses(place, () => {
    if (++tries === 2) place.remove("check");
    return { ok: false, errno: errno.ENOENT };
  });
  expect(processes.startCheck()).toEqual({ kind: "checkFailed", retry: true });
  expect(said).toEqual([]);
});

test("a ./check that cannot be executed is ignored, which is said once", () => {
  const place = directories.make();
  place.write("check", "#!/missing/sh\n");
  let number: number = errno.ENOENT;
  const { processes, said } = openProcesses(place, () => ({ ok: false, errno: number }));
  for (let turn = 0; turn < 2; turn++) expect(processes.startCheck()).toEqual({ kind: "checkFailed", retry: false });
  expect(said.splice(0)).toEqual([
    'warning: unable to run ./check, ignored: its interpreter "/missing/sh" does not exist',
  ]);
  const lasting = { [errno.EACCES]: "access denied", [errno.ENOEXEC]: "exec format error" };
  for (const [failure, reason] of Object.entries(lasting)) {
    number = Number(failure);
    expect(processes.startCheck()).toEqual({ kind: "checkFailed", retry: false });
    expect(said.splice(0)).toEqual([`warning: unable to run ./check, ignored: ${reason}`]);
  }
});

test("a ./check without a process to be had is tried again, which is said once until one starts", () => {
  let number: number = errno.EAGAIN;
  const { processes, said } = openProcesses(directories.make(), () =>
    number === 0 ? { ok: true, pid: nobody } : { ok: false, errno: number },
  );
  const retried = { kind: "checkFailed", retry: true };
  expect([processes.startCheck(), processes.startCheck()]).toEqual([retried, retried]);
  expect(said).toEqual(["warning: unable to run ./check: temporary failure"]);
  number = 0;
  processes.startCheck();
  number = errno.EAGAIN;
  processes.startCheck();
  expect(said).toHaveLength(2);
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
  const { processes, requests } = openProcesses(place, fails(errno.EAGAIN));
  const before = countDescriptors();
  processes.startRun("service");
  expect(Object.keys(requests[0]?.descriptors ?? {})).toEqual(["3"]);
  expect(countDescriptors()).toBe(before);
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

test("a child belongs to the slot that it was started for, until it is reaped", () => {
  let pid = nobody;
  const { processes } = openProcesses(directories.make(), () => ({ ok: true, pid: pid++ }));
  processes.startRun("service");
  processes.startRun("log");
  expect([processes.reaped(nobody), processes.reaped(nobody + 1)]).toEqual(["service", "log"]);
  expect([processes.reaped(nobody), processes.reaped(nobody + 1)]).toEqual([null, null]);
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
  processes.startScript("t");
  processes.adopt("log", inheritance(null));
  processes.startScript("t");
  processes.adopt("service", inheritance(null));
  processes.startScript("t");
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
