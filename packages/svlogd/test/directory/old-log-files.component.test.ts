import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { defaultConfig } from "../../src/core/config.ts";
import type { Messages } from "../../src/messages.ts";
import { prune } from "../../src/directory/old-log-files.ts";
import type { Place } from "../../src/directory/place.ts";
import { temporaryDirectory } from "../helpers/temporary-directory.ts";

const root = temporaryDirectory();
afterAll(root.remove);

const say: Messages = { fatal: () => {}, warning: () => {}, pausing: () => {}, info: () => {} };
const label = (digit: number): string => `@400000006550${digit}${"0".repeat(11)}`;

function placeWith(name: string, ...entries: readonly string[]): Place {
  const path = join(root.path, name);
  mkdirSync(path);
  for (const entry of entries) writeFileSync(join(path, entry), "old");
  return { name: path, path: (entry) => join(path, entry) };
}

test("output that a processor begins while old logs are being removed stays", async () => {
  const left = `${label(3)}.t`;
  const place = placeWith("begun", `${label(1)}.s`, `${label(2)}.s`, `${label(3)}.u`, left);
  const removed = prune(place, { ...defaultConfig, keep: 2 }, null, say);
  writeFileSync(place.path(left), "new");
  await removed;
  expect(readFileSync(place.path(left), "latin1")).toBe("new");
  expect(readdirSync(place.name).toSorted()).toEqual([`${label(2)}.s`, left, `${label(3)}.u`].toSorted());
});

test("a log that somebody else removes meanwhile is no trouble", async () => {
  const place = placeWith("gone", `${label(1)}.s`, `${label(2)}.s`, `${label(3)}.s`);
  const settings = { ...defaultConfig, keep: 1 };
  await Promise.all([prune(place, settings, null, say), prune(place, settings, null, say)]);
  expect(readdirSync(place.name)).toEqual([`${label(3)}.s`]);
});
