import { filesOfLauncher } from "@upkeep/program/core/launcher";
import { expect, test } from "vitest";

const executable = "/usr/lib/node_modules/upkeep/node_modules/@upkeep/linux-x64/bin/upkeep";

test("a launcher may become the executable of a package below its own, or beside it, or further up", () => {
  expect(filesOfLauncher("/usr/lib/node_modules/upkeep/bin/runsv", executable)).toEqual([
    "/usr/lib/node_modules/upkeep/node_modules/@upkeep/linux-x64/bin/upkeep",
    "/usr/lib/node_modules/node_modules/@upkeep/linux-x64/bin/upkeep",
    "/usr/lib/node_modules/@upkeep/linux-x64/bin/upkeep",
    "/usr/node_modules/@upkeep/linux-x64/bin/upkeep",
    "/node_modules/@upkeep/linux-x64/bin/upkeep",
  ]);
});

test("on Node a launcher becomes the script of its own name", () => {
  expect(filesOfLauncher("/opt/upkeep/bin/runsv", "/opt/upkeep/node/bin/runsv")).toEqual([
    "/opt/upkeep/node/bin/runsv",
  ]);
});

test("what is beside the packaged executable becomes that", () => {
  expect(filesOfLauncher(executable.replace(/upkeep$/, "runsv"), executable)).toEqual([executable]);
});

test.each(["/usr/bin/runsv", "/usr/lib/upkeep/upkeep", "/opt/other/bin/runsv", "/opt/upkeep/bin/sub/runsv"])(
  "%s is no launcher",
  (path) => {
    expect(filesOfLauncher(path, executable)).toEqual([]);
    expect(filesOfLauncher(path, "/usr/lib/upkeep/upkeep")).toEqual([]);
  },
);
