import { readFileSync } from "node:fs";

import { lastArguments, splitArguments } from "@upkeep/linux/exec/arguments";
import { inheritedDescriptors } from "@upkeep/linux/exec/inherited-descriptors";
import { readLimit, unlimited } from "@upkeep/linux/exec/limits";
import { findGroup, findUser, findUserById } from "@upkeep/linux/users/user-database";
import { describe, expect, test } from "vitest";

const name = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);
const words = (found: readonly Uint8Array[]): readonly string[] => found.map((word) => new TextDecoder().decode(word));

describe("the user database", () => {
  test("knows everybody in /etc/passwd and /etc/group", () => {
    for (const line of readFileSync("/etc/passwd", "utf8").trimEnd().split("\n")) {
      const [user = "", , uid, gid, , home, shell] = line.split(":");
      const found = findUser(name(user));
      expect([user, found]).toMatchObject([user, { uid: Number(uid), gid: Number(gid) }]);
      expect(findUserById(Number(uid))?.uid).toBe(Number(uid));
      expect([found?.home, found?.shell].map((bytes) => new TextDecoder().decode(bytes))).toEqual([home, shell]);
    }
    for (const line of readFileSync("/etc/group", "utf8").trimEnd().split("\n")) {
      const [group = "", , gid] = line.split(":");
      expect([group, findGroup(name(group))]).toEqual([group, Number(gid)]);
    }
  });

  test("knows root by the id, too", () => {
    expect(findUserById(0)).toEqual(findUser(name("root")));
    expect(findUserById(4_000_000_000)).toBeNull();
  });

  test("knows nobody else", () => {
    for (const unknown of ["", "no-such-name", "0", "root:", "\xff"]) {
      expect(findUser(name(unknown))).toBeNull();
      expect(findGroup(name(unknown))).toBeNull();
    }
  });
});

describe("inheritedDescriptors", () => {
  const open = (...targets: readonly string[]) => targets.map((target, at) => ({ fd: at + 3, target }));

  test("are those below the first event poll, and files, sockets and single ends above it", () => {
    const all = open(
      "pipe:[1]",
      "pipe:[1]",
      "anon_inode:[eventfd]",
      "anon_inode:[eventpoll]",
      "anon_inode:[io_uring]",
      "pipe:[2]",
      "pipe:[2]",
      "/etc/passwd",
      "pipe:[3]",
      "socket:[4]",
      "anon_inode:[eventpoll]",
    );
    expect(inheritedDescriptors(all, true)).toEqual([3, 4, 5, 10, 11, 12]);
    expect(inheritedDescriptors(all, false)).toEqual([3, 4, 5, 8, 9, 10, 11, 12]);
    expect(inheritedDescriptors(all.toReversed(), true)).toEqual([3, 4, 5, 10, 11, 12]);
  });

  test("there may be no event poll", () => {
    expect(inheritedDescriptors(open("pipe:[1]", "pipe:[2]", "pipe:[2]", "anon_inode:[eventfd]"), true)).toEqual([3]);
    expect(inheritedDescriptors([], true)).toEqual([]);
  });
});

test("a command line is split at its NULs", () => {
  expect(words(splitArguments(name("a\0\0b")))).toEqual(["a", "", "b"]);
  expect(words(splitArguments(new Uint8Array()))).toEqual([]);
  expect(words(lastArguments(0))).toEqual([]);
  expect(lastArguments(1)).toHaveLength(1);
});

test("a limit has two halves", () => {
  const { soft, hard } = readLimit(7);
  expect(soft).toBeLessThanOrEqual(hard);
  expect(hard).toBeLessThanOrEqual(unlimited);
  expect(() => readLimit(1000)).toThrow("unable to getrlimit(): invalid argument");
});
