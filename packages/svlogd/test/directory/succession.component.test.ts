import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeEach, expect, test } from "vitest";

import type { OpenLog } from "../../src/directory/open-log.ts";
import { createSuccession, type Succession } from "../../src/directory/succession.ts";
import { logPorts } from "../helpers/feeder.ts";
import { temporaryDirectory } from "../helpers/temporary-directory.ts";

const root = temporaryDirectory();
let number = 0;
let path = "";
beforeEach(() => {
  path = join(root.path, String(++number));
  mkdirSync(path);
});
afterAll(root.remove);

function begin(said: string[] = []): Succession {
  const say = (message: string): void => void said.push(message);
  const messages = { fatal: say, warning: say, pausing: say, info: () => {} };
  return createSuccession(path, logPorts(messages, { stamp: 0, lineLength: 1000 }), () => {});
}

function opened(succession: Succession): OpenLog {
  expect(succession.open()).toBe(true);
  const log = succession.current();
  if (log === null) throw new Error("not open");
  return log;
}

test("a HUP makes a new open log in the same directory, which has the changed config", async () => {
  writeFileSync(join(path, "config"), "s20\n!cat\n");
  const succession = begin();
  expect(succession.current()).toBeNull();
  const first = opened(succession);
  writeFileSync(join(path, "config"), "s30\nn4\n");
  const second = opened(succession);
  expect(second).not.toBe(first);
  expect(second.directory).toBe(first.directory);
  expect(first.config).toMatchObject({ size: 20, keep: 10, processor: "cat" });
  expect(second.config).toMatchObject({ size: 30, keep: 4, processor: null });
  expect([first.writer.current() === null, second.writer.size()]).toEqual([true, 0]);
  await succession.release(second, true);
  expect(succession.current()).toBeNull();
});

test("a config that cannot be read leaves the settings as they were, also in another directory", async () => {
  const said: string[] = [];
  writeFileSync(join(path, "config"), "s20\n");
  const succession = begin(said);
  opened(succession);
  rmSync(join(path, "config"));
  mkdirSync(join(path, "config"));
  expect(opened(succession).config.size).toBe(20);
  renameSync(path, `${path}.away`);
  mkdirSync(join(path, "config"), { recursive: true });
  const log = opened(succession);
  expect(log.config.size).toBe(20);
  expect(said).toEqual(Array.from({ length: 2 }, () => `unable to read config: ${path}: is a directory`));
  await succession.release(log, false);
});

test("a directory in the place of another gives a new open log; the lock of the old one is given back", async () => {
  const succession = begin();
  const first = opened(succession);
  renameSync(path, `${path}.away`);
  mkdirSync(path);
  const second = opened(succession);
  expect(second.directory).not.toBe(first.directory);
  renameSync(path, `${path}.new`);
  renameSync(`${path}.away`, path);
  // Meanwhile its background work has come to an end.
  await first.directory.background.idle();
  await new Promise((resolve) => setImmediate(resolve));
  const third = opened(succession);
  expect(third.directory.place.inode).toBe(first.directory.place.inode);
  await succession.release(third, false);
});
