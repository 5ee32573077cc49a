import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { openOutputLocks } from "../../src/engine/output-locks.ts";

let root = "";
let named = "";
/** Closed and removed after each test. */
let opened: number[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "upkeep-output-locks-"));
  named = join(root, "run");
  mkdirSync(named, 0o755);
  process.env["UPKEEP_RUNDIR"] = named;
});
afterEach(() => {
  delete process.env["UPKEEP_RUNDIR"];
  for (const fd of opened) {
    rmSync(readlinkSync(`/proc/self/fd/${fd}`), { force: true });
    closeSync(fd);
  }
  opened = [];
  rmSync(root, { recursive: true, force: true });
});

function open(name: string): number {
  const fd = openSync(join(root, name), "a");
  opened.push(fd);
  return fd;
}

/** Where the two locks of an output are. */
function locksOf(output: number): readonly string[] {
  const locks = openOutputLocks(output);
  if (locks === null) return [];
  opened.push(locks.lock, locks.turn);
  return [locks.lock, locks.turn].map((fd) => readlinkSync(`/proc/self/fd/${fd}`));
}

test("everybody who has the same output finds the same two files, which only this user can open", () => {
  const one = locksOf(open("one"));
  const { dev, ino } = statSync(join(root, "one"), { bigint: true });
  expect(one).toEqual(["lock", "turn"].map((kind) => join(named, `output-${dev}-${ino}.${kind}`)));
  expect(locksOf(open("one"))).toEqual(one);
  for (const path of one) expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(locksOf(open("two"))).not.toEqual(one);
});

test("a file that others can open is no lock of ours, and no link is followed: the next place is taken", () => {
  const output = open("one");
  const { dev, ino } = fstatSync(output, { bigint: true });
  const path = join(named, `output-${dev}-${ino}.lock`);
  symlinkSync(join(root, "made"), path);
  const elsewhere = locksOf(output);
  expect(elsewhere).toHaveLength(2);
  expect(elsewhere.filter((lock) => lock.startsWith(named))).toEqual([]);
  expect(existsSync(join(root, "made"))).toBe(false);

  rmSync(path);
  closeSync(openSync(path, "a", 0o600));
  expect(locksOf(output)[0]).toBe(path);
  chmodSync(path, 0o604);
  expect(locksOf(output)).toEqual(elsewhere);
});

test("places that will not do cost no descriptor", () => {
  const output = open("one");
  const { dev, ino } = fstatSync(output, { bigint: true });
  mkdirSync(join(named, `output-${dev}-${ino}.turn`));
  const count = (): number => readdirSync("/proc/self/fd").length;
  const before = count();
  locksOf(output);
  expect(count()).toBe(before + 2);
});
