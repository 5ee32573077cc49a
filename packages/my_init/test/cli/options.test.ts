import { expect, test } from "vitest";

import { contradictionIn, readOptions } from "../../src/cli/options.ts";

test("options end at the main command, whose own are not looked at", () => {
  const read = (...args: readonly string[]): unknown => readOptions({ name: "my_init", calledAs: "my_init", args });
  const none = {
    enableInsecureKey: false,
    skipStartupFiles: false,
    skipRunit: false,
    killAllOnExit: true,
    quiet: false,
    prefixLogs: false,
    inline: true,
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
  expect(read("--no-inline", "ls")).toEqual({ ...none, inline: false, mainCommand: ["ls"] });
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
    inline: true,
  };
  expect(contradictionIn({ ...wishes, skipRunit: true, mainCommand: [] })).toMatch(/--skip-runit/);
  expect(contradictionIn({ ...wishes, skipRunit: true, mainCommand: ["true"] })).toBeNull();
});
