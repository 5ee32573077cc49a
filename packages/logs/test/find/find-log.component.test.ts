import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

import { afterAll, expect, test } from "vitest";

import { tai64nText } from "@upkeep/supervise/core/tai64n";
import { findLog } from "@upkeep/logs/find/find-log";

const root = mkdtempSync(`${tmpdir()}/upkeep-find-log-`);
afterAll(() => rmSync(root, { recursive: true }));

const old = `${tai64nText({ seconds: 1, nanoseconds: 0 })}.u`;

test.each([
  ["current", true],
  // In the middle of a rotation.
  [old, true],
  ["previous", true],
  ["config", false],
  [`${old}x`, false],
])("a directory with %s is a log directory: %j", (name, isFound) => {
  const service = mkdtempSync(`${root}/service-`);
  const main = `${service}/log/main`;
  mkdirSync(main, { recursive: true });
  writeFileSync(`${main}/${name}`, "");
  expect(findLog(service)).toMatchObject(
    isFound ? { directory: main, logger: null } : { directory: null, lookedAt: expect.arrayContaining([main]) },
  );
});
