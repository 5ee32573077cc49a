import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { isThereAt, mayReadAt, pathBytes, readAt } from "../../src/fd/at.ts";
import { makeFifo } from "../../src/fd/fifo.ts";

const root = mkdtempSync(join(tmpdir(), "upkeep-at-"));
let directory = -1;

beforeAll(() => {
  writeFileSync(join(root, "text"), "gr\u00fc\u00df\n");
  writeFileSync(join(root, "large"), "x".repeat(8192));
  symlinkSync("text", join(root, "link"));
  symlinkSync("nowhere", join(root, "dangling"));
  mkdirSync(join(root, "directory"));
  makeFifo(join(root, "fifo"), 0o600);
  directory = openSync(root, "r");
});

afterAll(() => {
  closeSync(directory);
  rmSync(root, { recursive: true });
});

test("a small regular file is read, and nothing else", () => {
  expect(readAt(directory, pathBytes("text"))?.toString()).toBe("gr\u00fc\u00df\n");
  for (const name of ["large", "link", "dangling", "directory", "fifo", "missing"]) {
    expect(readAt(directory, pathBytes(name)), name).toBe(null);
  }
});

test.each([
  ["is there", isThereAt],
  ["may be read", mayReadAt],
])("what a path leads to %s, through links as well", (_what, isSo) => {
  const found = ["text", "link", "directory", "fifo", "dangling", "missing", "text/below"].filter((name) =>
    isSo(directory, pathBytes(name)),
  );
  expect(found).toEqual(["text", "link", "directory", "fifo"]);
});
