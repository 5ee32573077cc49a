import { fstatSync, statSync } from "node:fs";

import { errno } from "@upkeep/linux/core/errno";
import { afterAll, expect, test } from "vitest";

import { makeDirectories } from "../helpers/directories.ts";
import { failsWith, nobody, openProcesses } from "../helpers/processes.ts";

const directories = makeDirectories("check");
afterAll(directories.remove);

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
  const { processes, said, requests } = openProcesses(directories.make(), failsWith(errno.ENOENT));
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
