import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { O_PATH } from "@upkeep/linux/fd/files";
import { afterAll, expect, test } from "vitest";

import { lookAtEntry, type EntryFacts } from "../../src/host/inline-entry.ts";

const root = mkdtempSync(join(tmpdir(), "entry-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What is found of a service directory with these files. */
function factsOf(...files: readonly string[]): EntryFacts {
  const path = mkdtempSync(join(root, "service-"));
  for (const file of files) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), "");
  }
  const fd = openSync(path, O_PATH | constants.O_DIRECTORY);
  try {
    return lookAtEntry(fd);
  } finally {
    closeSync(fd);
  }
}

test.each(["no-setsid", "flag-kill-orphans", "log/no-setsid"])("%s needs a process", (file) => {
  expect(factsOf("run", file).needsProcess).toBe(true);
});

test("a log service and kept errors take further descriptors", () => {
  expect(factsOf("run")).toEqual({ needsProcess: false, descriptors: 6 });
  expect(factsOf("run", "log/run")).toEqual({ needsProcess: false, descriptors: 10 });
  expect(factsOf("run", "flag-keep-stderr")).toEqual({ needsProcess: false, descriptors: 10 });
});

test("without a descriptor nothing is known of it", () => {
  expect(lookAtEntry(null)).toEqual({ needsProcess: false, descriptors: 6 });
});
