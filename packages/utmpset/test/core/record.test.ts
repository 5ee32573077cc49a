import { Buffer } from "node:buffer";

import { expect, test } from "vitest";

import { isLoggedIn, loggedOut, logoutRecord, recordSize } from "../../src/core/record.ts";

const name = (text: string): Uint8Array => Buffer.from(text);

/** bob at tty1 since 0x01020304; what has no name here is 0x55. */
function login(line = "tty1", user = "bob"): Buffer {
  const record = Buffer.alloc(recordSize, 0x55);
  record.writeUInt16LE(7, 0);
  record.fill(0, 8, 40).write(line, 8);
  record.fill(0, 44, 76).write(user, 44);
  record.fill(0, 76, 332).write("far.example", 76);
  record.writeUInt32LE(0x0102_0304, 340);
  return record;
}

test("a record is of a login when it has a user, and of a line when the whole name is the same", () => {
  expect(isLoggedIn(login(), name("tty1"))).toBe(true);
  expect(isLoggedIn(login("tty1", ""), name("tty1"))).toBe(false);
  for (const other of ["tty", "tty11", "", "TTY1"]) expect(isLoggedIn(login(), name(other))).toBe(false);
});

test("a name may fill its field", () => {
  const long = "L".repeat(32);
  expect(isLoggedIn(login(long), name(long))).toBe(true);
  expect(isLoggedIn(login(long), name(`${long}L`))).toBe(false);
  expect(isLoggedIn(login(long), name(long.slice(1)))).toBe(false);
});

test("a logout changes type, user, host and seconds, and nothing else", () => {
  const before = login();
  const after = Buffer.from(loggedOut(before, 0x6543_2100));
  expect(before).toEqual(login());
  expect(after.readUInt16LE(0)).toBe(8);
  expect(after.readUInt32LE(340)).toBe(0x6543_2100);
  expect(after.subarray(44, 332).every((byte) => byte === 0)).toBe(true);
  for (const [from, to] of [
    [2, 44],
    [332, 340],
    [344, recordSize],
  ] as const) {
    expect(after.subarray(from, to)).toEqual(before.subarray(from, to));
  }
});

test("wtmp's record of a logout holds type, line and seconds", () => {
  const record = Buffer.from(logoutRecord(name("tty1"), 0xfedc_ba98));
  const expected = Buffer.alloc(recordSize);
  expected.set([8], 0);
  expected.write("tty1", 8);
  expected.writeUInt32LE(0xfedc_ba98, 340);
  expect(record).toEqual(expected);
  expect(logoutRecord(name("L".repeat(40)), 0)).toHaveLength(recordSize);
});
