import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { OutputLocks } from "@upkeep/log-prefix/output/output-lock";
import { afterEach, beforeEach, expect, test } from "vitest";

import { openOutputLocks } from "../../src/engine/output-locks.ts";

let root = "";
let named = "";
let before: readonly string[] = [];
const temporary = process.env["TMPDIR"];

const descriptors = (): readonly string[] => readdirSync("/proc/self/fd");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "upkeep-output-locks-"));
  named = join(root, "run");
  mkdirSync(named, 0o755);
  before = descriptors();
  process.env["UPKEEP_RUNDIR"] = named;
  // The last of the places.
  process.env["TMPDIR"] = root;
});
afterEach(() => {
  delete process.env["UPKEEP_RUNDIR"];
  if (temporary === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = temporary;
  for (const fd of opened()) closeSync(Number(fd));
  rmSync(root, { recursive: true, force: true });
});

/** The descriptors of files that a test has opened. */
function opened(): readonly string[] {
  return descriptors().filter((fd) => !before.includes(fd) && pathOf(fd).startsWith("/") && existsSync(pathOf(fd)));
}

function pathOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // That of the listing itself.
    return "";
  }
}

function open(name: string): number {
  return openSync(join(root, name), "a");
}

/** As another supervisor would: with an open file of its own. */
function locksOf(name: string): OutputLocks {
  const locks = openOutputLocks(open(name));
  if (locks === null) throw new Error("no locks");
  return locks;
}

test("all who have the same output lock the same, and all outputs have one file, which only this user can open", () => {
  const [ours, theirs, other] = [locksOf("one"), locksOf("one"), locksOf("two")];
  expect(ours.lock.tryLock()).toBe(true);
  expect([theirs, other].map(({ lock }) => lock.tryLock())).toEqual([false, true]);
  expect(theirs.turn.tryLock()).toBe(true);
  expect(ours.turn.tryLock()).toBe(false);
  expect(readdirSync(named)).toEqual(["output-locks"]);
  const { size, mode } = statSync(join(named, "output-locks"));
  expect([size, mode & 0o777]).toEqual([0, 0o600]);
});

const unfit: Readonly<Record<string, (path: string) => void>> = {
  "a link": (path) => symlinkSync(join(root, "made"), path),
  "a directory": (path) => mkdirSync(path),
  "a file that others can open": (path) => {
    writeFileSync(path, "");
    chmodSync(path, 0o604);
  },
};

for (const [what, make] of Object.entries(unfit)) {
  test(`${what} is not locked, and costs no descriptor: the next place is taken`, () => {
    const output = open("one");
    make(join(named, "output-locks"));
    const locks = openOutputLocks(output);
    const added = opened().filter((fd) => Number(fd) !== output);
    expect(added).toHaveLength(locks === null ? 0 : 1);
    expect(added.map(pathOf).filter((path) => path.startsWith(named))).toEqual([]);
    expect(existsSync(join(root, "made"))).toBe(false);
  });
}
