import { errno } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import { candidates, codeOfFailure, execvpSearch, runitSearch, search } from "../../src/core/path-search.ts";

describe("the files that a name may mean", () => {
  test.each([
    ["prog", "/a:/b", ["/a/prog", "/b/prog"]],
    ["prog", "", ["./prog"]],
    ["prog", ":/a:", ["./prog", "/a/prog", "./prog"]],
    ["prog", null, ["/bin/prog", "/usr/bin/prog"]],
    ["./prog", "/a", ["./prog"]],
    ["", "/a", ["/a/"]],
  ])("%j in %j, as runit's programs search", (name, path, files) => {
    expect(candidates(runitSearch, name, path)).toEqual(files);
  });

  test.each([
    ["app", "/a::/b", ["/a/app", "app", "/b/app"]],
    ["app", null, ["/bin/app", "/usr/bin/app"]],
    ["./app", "/a", ["./app"]],
    ["", "/a", []],
  ])("%j in %j, as execvp searches", (name, path, files) => {
    expect(candidates(execvpSearch, name, path)).toEqual(files);
  });
});

describe("the search", () => {
  test.each([
    [runitSearch, ["ENOENT", "ENOENT"], "ENOENT", 2],
    [runitSearch, ["EACCES", "ENOENT"], "EACCES", 2],
    [runitSearch, ["EPERM", "EACCES", "ENOENT"], "EACCES", 3],
    [runitSearch, ["ENOTDIR", "ENOENT"], "ENOTDIR", 1],
    [runitSearch, ["ENOENT", "ENOEXEC", "EACCES"], "ENOEXEC", 2],
    [execvpSearch, [], "ENOENT", 0],
    [execvpSearch, ["ENOTDIR", "ENOENT", "EACCES"], "ENOTDIR", 3],
    [execvpSearch, ["EACCES", "ENOTDIR"], "EACCES", 2],
    [execvpSearch, ["EACCES", "ENOEXEC", "ENOENT"], "ENOEXEC", 2],
    [execvpSearch, ["EPERM", "EACCES"], "EPERM", 1],
  ] as const)("by %j: %j ends with %s", (rules, reasons, told, tries) => {
    const tried: string[] = [];
    const failed = search(rules, reasons, (reason) => {
      tried.push(reason);
      return errno[reason];
    });
    expect(failed).toBe(errno[told]);
    expect(tried).toHaveLength(tries);
  });

  test("ends with success", () => {
    expect(search(execvpSearch, [errno.EACCES, 0, errno.ENOENT], (reason) => reason)).toBe(0);
  });

  test("a failure has a shell's code", () => {
    expect([errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ENOEXEC].map(codeOfFailure)).toEqual([127, 127, 126, 126]);
  });
});
