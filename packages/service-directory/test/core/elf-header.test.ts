import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { elfHeaderSize, machineOf } from "../../src/core/elf-header.ts";

function header(machine: readonly [number, number], order: 1 | 2): Uint8Array {
  const bytes = new Uint8Array(elfHeaderSize);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, order]);
  bytes.set(machine, 18);
  return bytes;
}

test("the machine of a program is read in the order of bytes that the header tells", () => {
  expect(machineOf(header([183, 0], 1))).toBe("arm64");
  expect(machineOf(header([0, 22], 2))).toBe("s390x");
  expect(machineOf(header([2, 1], 1))).toBe("loong64");
  expect(machineOf(header([9, 9], 1))).toBe("machine 2313 of elf(5)");
  expect(machineOf(readFileSync("/proc/self/exe").subarray(0, elfHeaderSize))).toBe(process.arch);
});

test("what is no program is for no machine", () => {
  expect(machineOf(new Uint8Array())).toBeNull();
  expect(machineOf(Buffer.from("#!/bin/sh\nexec sleep 1000\n"))).toBeNull();
  expect(machineOf(header([183, 0], 1).subarray(0, 10))).toBeNull();
});
