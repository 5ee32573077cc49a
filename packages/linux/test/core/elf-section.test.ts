import { readFileSync } from "node:fs";

import { sectionsIn, sectionTableOf } from "@upkeep/linux/core/elf-section";
import { expect, test } from "vitest";

/** A program with three sections: none, `.text`, and the one of names. */
function program(kind: number): Buffer {
  const file = Buffer.alloc(512);
  file.write("\x7fELF\x02\x01", "latin1");
  file.writeUInt16LE(kind, 16);
  file.writeBigUInt64LE(128n, 40);
  [64, 3, 2].forEach((value, at) => file.writeUInt16LE(value, 58 + at * 2));
  const section = (number: number, name: number, address: number, offset: number, size: number): void => {
    const at = 128 + number * 64;
    file.writeUInt32LE(name, at);
    [address, offset, size].forEach((value, place) => file.writeBigUInt64LE(BigInt(value), at + 16 + place * 8));
  };
  section(1, 1, 0x40_1000, 0x1000, 0x234);
  section(2, 7, 0, 400, 17);
  file.write("\0.text\0.shstrtab\0", 400, "latin1");
  return file;
}

test("the sections of a program are found, and their names", () => {
  const file = program(2);
  const table = sectionTableOf(file.subarray(0, 64));
  expect(table).toEqual({ offset: 128, count: 3, entrySize: 64, names: 2 });
  const headers = file.subarray(128, 128 + 3 * 64);
  const sections = table === null ? [] : sectionsIn(headers, table);
  expect(sections).toEqual([
    { name: 0, address: 0, offset: 0, size: 0 },
    { name: 1, address: 0x40_1000, offset: 0x1000, size: 0x234 },
    { name: 7, address: 0, offset: 400, size: 17 },
  ]);
});

test.each([
  ["a program that is put anywhere in memory", program(3).subarray(0, 64)],
  ["a script", Buffer.from("#!/bin/sh\n".padEnd(64))],
  ["an empty file", Buffer.alloc(0)],
  ["half a header", program(2).subarray(0, 40)],
])("%s has none", (_what, header) => {
  expect(sectionTableOf(header)).toBeNull();
});

test("the sections of the program that runs this test", () => {
  const file = readFileSync(process.execPath);
  const table = sectionTableOf(file);
  if (table === null) return;
  const sections = sectionsIn(file.subarray(table.offset, table.offset + table.count * table.entrySize), table);
  const names = sections[table.names];
  expect(file.toString("latin1", names?.offset, (names?.offset ?? 0) + (names?.size ?? 0))).toContain("\0.text\0");
});
