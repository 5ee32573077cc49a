import { errno } from "@upkeep/linux/core/errno";
import { expect, test } from "vitest";

import { descendantsOf } from "../../src/processes/descendants.ts";
import { contradictionIn, readWishes } from "../../src/cli/options.ts";
import { candidates, codeOfFailure, goesOn } from "../../src/core/path-search.ts";

test("a command is looked for in each part of PATH, unless it is a path", () => {
  expect(candidates("app", "/a::/b")).toEqual(["/a/app", "app", "/b/app"]);
  expect(candidates("app", undefined)).toEqual(["/bin/app", "/usr/bin/app"]);
  expect(candidates("./app", "/a")).toEqual(["./app"]);
  expect(candidates("", "/a")).toEqual([]);
});

test("the search goes on where there is nothing to execute, and its failure has a shell's code", () => {
  expect([errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ENOEXEC].map(goesOn)).toEqual([true, true, true, false]);
  expect([errno.ENOENT, errno.EACCES, errno.ENOEXEC].map(codeOfFailure)).toEqual([127, 126, 126]);
});

test("descendants are found through the generations", () => {
  const kin = [
    { pid: 1, parent: 0 },
    { pid: 2, parent: 1 },
    { pid: 3, parent: 2 },
    { pid: 4, parent: 0 },
    { pid: 5, parent: 4 },
  ];
  expect([...descendantsOf(1, kin)].toSorted((one, other) => one - other)).toEqual([2, 3]);
});

test("options end at the main command, whose own are not looked at", () => {
  const read = (...args: readonly string[]): unknown => readWishes({ name: "my_init", calledAs: "my_init", args });
  const none = {
    enableInsecureKey: false,
    skipStartupFiles: false,
    skipRunit: false,
    killAllOnExit: true,
    quiet: false,
    prefixLogs: false,
    mainCommand: [],
  };
  expect(read()).toEqual(none);
  expect(read("--quiet", "--skip-runit", "--", "ls", "-l")).toEqual({
    ...none,
    quiet: true,
    skipRunit: true,
    mainCommand: ["ls", "-l"],
  });
  expect(read("--enable-insecure-key", "--skip-startup-files", "--no-kill-all-on-exit", "bash", "--quiet")).toEqual({
    ...none,
    enableInsecureKey: true,
    skipStartupFiles: true,
    killAllOnExit: false,
    mainCommand: ["bash", "--quiet"],
  });
  expect(read("--prefix-logs", "ls")).toEqual({ ...none, prefixLogs: true, mainCommand: ["ls"] });
  expect(read("--skip-runit", "true")).toEqual({ ...none, skipRunit: true, mainCommand: ["true"] });
  expect(read("--quiet", "false", "x")).toEqual({ ...none, quiet: true, mainCommand: ["false", "x"] });
  expect(() => read("--nonsense")).toThrow(/my_init: illegal option -- nonsense\nusage: my_init /);
});

test("without services there must be a main command", () => {
  const wishes = {
    enableInsecureKey: false,
    skipStartupFiles: false,
    killAllOnExit: true,
    quiet: false,
    prefixLogs: false,
  };
  expect(contradictionIn({ ...wishes, skipRunit: true, mainCommand: [] })).toMatch(/--skip-runit/);
  expect(contradictionIn({ ...wishes, skipRunit: true, mainCommand: ["true"] })).toBeNull();
});
