import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

import { beginningWith, lastShownWord } from "@upkeep/linux/exec/command-line";
import { duplicateOnto, isCloseOnExec } from "@upkeep/linux/fd/descriptor";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { expect, test } from "vitest";

const words = (): readonly string[] => readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(0, -1);

test.each([0, 1])("a word with %i after it is overwritten in place, and nothing beside it", (following) => {
  const before = words();
  const index = before.length - 1 - following;
  const text = before[index] ?? "";
  const word = lastShownWord(following);
  expect(word?.length).toBe(Buffer.byteLength(text));
  // More than there is room for.
  word?.show(Buffer.from("#".repeat(text.length + 50)));
  expect(words()).toEqual(before.with(index, "#".repeat(text.length)));
  word?.show(Buffer.from(text));
  expect(words()).toEqual(before);
});

test.each([
  ["node|/usr/lib/upkeep/bin/runsvdir|-P|/etc/service|", "/usr/lib/upkeep/bin//////runsvdir"],
  ["/usr/bin/node|--no-warnings|bin/runsvdir||", `bin/${"/".repeat(28)}runsvdir`],
  ["node|/usr/bin/runsv|web|", null],
  ["runsvdir|/srv/runsvdir|", null],
  ["/usr/bin/runsvdir|/srv/runsvdir|", null],
  ["", null],
])("the command line %j begins with a name: %j", (line, expected) => {
  const changed = beginningWith("runsvdir", Buffer.from(line.replaceAll("|", "\0")));
  expect(changed === null ? null : Buffer.from(changed).toString()).toBe(expected);
  if (expected !== null) expect(line.indexOf("runsvdir|")).toBe(expected.length - "runsvdir".length);
});

test("there is no word before the first", () => {
  expect(lastShownWord(words().length)).toBeNull();
});

test("a descriptor becomes another name of an open file, and exec keeps it", () => {
  const { read, write } = createPipe();
  const target = openSync("/dev/null", "w");
  duplicateOnto(write, target);
  expect(isCloseOnExec(target)).toBe(false);
  closeSync(write);
  expect(writeSync(target, "x")).toBe(1);
  closeSync(target);
  closeSync(read);
  let failure: unknown;
  try {
    duplicateOnto(write, target);
  } catch (error) {
    failure = error;
  }
  expect(errnoOf(failure)).toBe(errno.EBADF);
});
