import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openControlFifo, openOkFifo } from "@upkeep/supervise/fifo/supervisor-end";
import { openLockFile } from "@upkeep/supervise/files/lock-file";
import { replaceFile } from "@upkeep/supervise/files/replace-file";
import { makeSuperviseDirectory } from "@upkeep/supervise/place/supervise-directory";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-supervise-"));
let base = "";
let count = 0;

beforeEach(() => {
  base = join(root, String(count++));
  mkdirSync(base);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("supervise directory", () => {
  test("is made with mode 0700, and left as it is when it is there", () => {
    makeSuperviseDirectory(base, "./supervise");
    expect(statSync(join(base, "supervise")).mode & 0o777).toBe(0o700);
    makeSuperviseDirectory(base, "./supervise");
  });

  test.each([
    ["an absolute", () => join(base, "state")],
    ["a relative", () => "state"],
  ])("%s link to nowhere has its target made", (_kind, target) => {
    symlinkSync(target(), join(base, "supervise"));
    makeSuperviseDirectory(base, "./supervise");
    expect(statSync(join(base, "state")).mode & 0o777).toBe(0o700);
  });

  test("one level of the target is made, no more", () => {
    symlinkSync("no/state", join(base, "supervise"));
    makeSuperviseDirectory(base, "./supervise");
    expect(existsSync(join(base, "no"))).toBe(false);
    expect(() => openLockFile(join(base, "supervise/lock"), "supervise/lock")).toThrow(
      "unable to open supervise/lock: file does not exist",
    );
  });

  test("a link of 256 bytes is too long", () => {
    symlinkSync("x".repeat(256), join(base, "supervise"));
    expect(() => makeSuperviseDirectory(base, "./supervise")).toThrow("unable to readlink ./supervise: name too long");
  });
});

describe("replaceFile", () => {
  test("puts the whole content in place, empty included, and leaves nothing beside it", () => {
    const path = join(base, "pid");
    const long = "\u00fc".repeat(20_000);
    for (const content of ["12\n", "", "345\n", new Uint8Array([0, 255]), "\u00fc\n", long]) {
      replaceFile(path, "supervise/pid", content);
      expect(readFileSync(path)).toEqual(Buffer.from(content));
      expect(existsSync(`${path}.new`)).toBe(false);
    }
    expect(() => replaceFile(join(base, "no/pid"), "supervise/pid", "")).toThrow(
      "unable to open supervise/pid.new: file does not exist",
    );
  });
});

describe("FIFOs", () => {
  test("something else in their place is named", () => {
    writeFileSync(join(base, "control"), "");
    expect(() => openControlFifo(join(base, "control"), "supervise/control")).toThrow(
      "supervise/control exists but is not a fifo",
    );
    expect(() => openOkFifo(join(base, "no/ok"), "supervise/ok")).toThrow(
      "unable to create supervise/ok: file does not exist",
    );
  });
});
