import { openSync, unlinkSync } from "node:fs";
import { constants } from "node:os";

import { attempt, attemptUnlessAbsent, errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

describe("errno", () => {
  test("has the numbers of this machine", () => {
    const { ENOTREG, ENOTFIFO, ...numbers } = errno;
    expect(numbers).toEqual(constants.errno);
    // The greatest that the system returns.
    expect(Math.min(ENOTREG, ENOTFIFO)).toBeGreaterThan(4095);
  });

  test.each([
    [errno.ENOENT, "file does not exist"],
    [errno.EACCES, "access denied"],
    [errno.EPERM, "permission denied"],
    [errno.ENOTDIR, "not a directory"],
    [errno.EISDIR, "is a directory"],
    [errno.ENXIO, "device not configured"],
    [errno.EAGAIN, "temporary failure"],
    [errno.EEXIST, "file already exists"],
    [errno.ENOEXEC, "exec format error"],
    [errno.EBADF, "file descriptor not open"],
    [errno.ENOSPC, "out of disk space"],
    [errno.ENOMEM, "out of memory"],
    [errno.EROFS, "read-only file system"],
    [errno.EMFILE, "process cannot open more files"],
    [errno.ENFILE, "system cannot open more files"],
    [errno.ETXTBSY, "text busy"],
    [errno.ECHILD, "no child processes"],
    [0, "no error"],
    [4095, "unknown error"],
  ])("%i is said in the field's words", (number, words) => {
    expect(reasonOf(number)).toBe(words);
  });

  test("an exception of node:fs becomes a SystemError with the field's message", () => {
    const open = (): number => attempt("open supervise/lock", () => openSync("/nowhere/lock", "r"));
    expect(open).toThrow("unable to open supervise/lock: file does not exist");
    expect(open).toThrow(SystemError);
  });

  test("an exception without errno is a defect and passes as it is", () => {
    const defect = new TypeError("broken");
    expect(() =>
      attempt("open x", () => {
        throw defect;
      }),
    ).toThrow(defect);
    expect(errnoOf(defect)).toBe(0);
  });

  test("what is to be absent may be absent already, and nothing else is forgiven", () => {
    expect(() => attemptUnlessAbsent("unlink a", () => unlinkSync("/nowhere/a"))).not.toThrow();
    const below = (): void => attemptUnlessAbsent("unlink a", () => unlinkSync("/dev/null/a"));
    expect(below).toThrow("unable to unlink a: not a directory");
  });
});
