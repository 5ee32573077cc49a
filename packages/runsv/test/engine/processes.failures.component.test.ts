import { errno } from "@upkeep/linux/core/errno";
import { afterAll, expect, test } from "vitest";

import { makeDirectories } from "../helpers/directories.ts";
import { failsWith, killedRun, openProcesses } from "../helpers/processes.ts";

const directories = makeDirectories("failures");
afterAll(directories.remove);

test("without a process to be had ./run, ./finish and control scripts are tried again, and each try says so", () => {
  const words = { [errno.EAGAIN]: "temporary failure", [errno.ENOMEM]: "out of memory" };
  for (const [number, reason] of Object.entries(words)) {
    const { processes, said } = openProcesses(directories.make(), failsWith(Number(number)));
    for (let turn = 0; turn < 2; turn++) {
      expect(processes.startRun("service")).toMatchObject({ kind: "runFailed", retry: true });
    }
    expect(processes.startFinish(killedRun)).toEqual({ kind: "finishSkipped", retry: true });
    expect(processes.startScript("t", null)).toBeNull();
    expect(said).toEqual([
      ...Array.from({ length: 3 }, () => `warning: unable to fork, sleeping: ${reason}`),
      `warning: unable to fork for control/t: ${reason}`,
    ]);
  }
});

test("a script that is missing or forbidden is not tried again, and only the latter needs an explanation", () => {
  const { processes, said } = openProcesses(directories.make(), failsWith(errno.ENOENT));
  expect(processes.startRun("service")).toMatchObject({ kind: "runFailed", retry: false });
  expect(processes.startRun("log")).toMatchObject({ kind: "runFailed", retry: false });
  expect(processes.startFinish(killedRun)).toEqual({ kind: "finishSkipped", retry: false });
  expect(processes.startScript("t", null)).toBeNull();
  expect(said).toEqual([
    "fatal: unable to start ./run: file does not exist",
    "fatal: unable to start log/./run: file does not exist",
    "fatal: unable to start ./finish: file does not exist",
    "fatal: unable to run control/?: file does not exist",
  ]);
  const place = directories.make();
  place.write("run", "#!/bin/sh\n", 0o644);
  const forbidden = openProcesses(place, failsWith(errno.EACCES));
  expect(forbidden.processes.startRun("service")).toMatchObject({ kind: "runFailed", retry: false });
  expect(forbidden.said).toEqual([
    "fatal: unable to start ./run: access denied",
    "warning: ./run: it is not executable: chmod +x run",
  ]);
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
  const { processes, said } = openProcesses(place, failsWith(errno.ENOEXEC));
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
  const { processes, said } = openProcesses(place, failsWith(errno.ENOEXEC), {
    directory: log,
    pipe: { read: 0, write: 1 },
  });
  processes.startRun("service");
  processes.startRun("log");
  processes.startFinish(killedRun);
  expect(said.filter((line) => line.startsWith("warning"))).toHaveLength(3);
});
