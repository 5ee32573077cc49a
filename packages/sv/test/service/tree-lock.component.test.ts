import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { lockTree } from "../../src/service/tree-lock.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tree-lock-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("the lock of a scan directory", () => {
  test("is there until it is given back", async () => {
    const unlock = await lockTree(directory);
    expect(readdirSync(directory)).toEqual([".sv.lock"]);
    await unlock();
    expect(readdirSync(directory)).toEqual([]);
  });

  test("is not waited for where none can be made", async () => {
    const path = join(directory, "missing");
    const pending = lockTree(path);
    // A second try would find the directory now.
    mkdirSync(path);
    const unlock = await pending;
    expect(readdirSync(path)).toEqual([]);
    await unlock();
  });

  test("is not waited for where something else has its name", async () => {
    writeFileSync(join(directory, ".sv.lock"), "");
    const late = lockTree(directory);
    // Whoever still waited would find no lock now, and make one.
    rmSync(join(directory, ".sv.lock"));
    const unlock = await late;
    expect(readdirSync(directory)).toEqual([]);
    await unlock();
  });
});
