import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { isNameTaken, keepCopy } from "../../src/fd/kept-copy.ts";

test("keeps a copy under the first name that is free, and a link to nowhere takes a name", () => {
  const directory = mkdtempSync(join(tmpdir(), "kept-copy-"));
  try {
    const path = join(directory, "app");
    symlinkSync("nowhere", join(directory, ".app.before-import-1"));
    writeFileSync(path, "");
    expect(isNameTaken(path)).toBe(true);
    expect(keepCopy(path, "import")).toBe(join(directory, ".app.before-import-2"));
    expect(isNameTaken(path)).toBe(false);
    expect(readdirSync(directory).toSorted()).toEqual([".app.before-import-1", ".app.before-import-2"]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
