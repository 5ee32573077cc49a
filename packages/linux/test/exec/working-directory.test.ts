import { closeSync, openSync, realpathSync } from "node:fs";

import { errno } from "@upkeep/linux/core/errno";
import { inDirectory } from "@upkeep/linux/exec/working-directory";
import { describe, expect, test } from "vitest";

import { tempDirectory } from "../helpers/temp.ts";

const here = (): string => realpathSync("/proc/thread-self/cwd");

describe("inDirectory", () => {
  test("the working directory is the other one during the call only", () => {
    using temp = tempDirectory();
    const home = here();
    const fd = openSync(temp.path(""), "r");
    const seen: string[] = [];
    expect(inDirectory(fd, () => seen.push(here()) - 1)).toBe(0);
    expect(inDirectory(fd, () => errno.ENOEXEC)).toBe(errno.ENOEXEC);
    closeSync(fd);
    expect(seen).toEqual([realpathSync(temp.path(""))]);
    expect(here()).toBe(home);
  });

  test("a call that throws comes back too", () => {
    using temp = tempDirectory();
    const home = here();
    const fd = openSync(temp.path(""), "r");
    const fail = (): number => {
      throw new Error("no");
    };
    expect(() => inDirectory(fd, fail)).toThrow("no");
    closeSync(fd);
    expect(here()).toBe(home);
  });

  test("what cannot be entered is an errno, and nothing is called", () => {
    const home = here();
    const fd = openSync("/dev/null", "r");
    const fail = (): number => {
      throw new Error("called");
    };
    expect(inDirectory(fd, fail)).toBe(errno.ENOTDIR);
    closeSync(fd);
    expect(here()).toBe(home);
  });
});
