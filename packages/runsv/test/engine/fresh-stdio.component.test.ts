import { closeSync, fstatSync, readSync, writeSync } from "node:fs";

import { isCloseOnExec } from "@upkeep/linux/fd/descriptor";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { expect, test } from "vitest";

import { withFreshStdio } from "../../src/engine/fresh-stdio.ts";
import { countEnds, openDescriptors, openedSince, withoutDescriptors } from "../helpers/descriptors.ts";

test("a pipe of ours is opened anew for the time of a start, once for all numbers", () => {
  const pipe = createPipe();
  const { ino } = fstatSync(pipe.write);
  const before = openDescriptors();
  withFreshStdio([0, pipe.write, pipe.write], ([input, output, error]) => {
    expect(input).toBe(0);
    expect(output).not.toBe(pipe.write);
    expect([error, isCloseOnExec(output), countEnds(ino)]).toEqual([output, true, 3]);
    writeSync(output, "a");
  });
  withFreshStdio([pipe.read, 1, 2], ([input]) => {
    expect(input).not.toBe(pipe.read);
    expect(readSync(input, Buffer.alloc(4))).toBe(1);
  });
  expect(openedSince(before)).toEqual([]);
  closeSync(pipe.read);
  closeSync(pipe.write);
});

test("where no descriptor is to be had the start gets the pipe itself", () => {
  const pipe = createPipe();
  expect(withoutDescriptors(() => withFreshStdio([0, pipe.write, 2], (fresh) => fresh))).toEqual([0, pipe.write, 2]);
  closeSync(pipe.read);
  closeSync(pipe.write);
});

test("what is not open is passed on as it is", () => {
  // No limit of the system lets a descriptor have this number.
  const closed = 2 ** 30;
  expect(withFreshStdio([0, closed, 2], (fresh) => fresh)).toEqual([0, closed, 2]);
});
