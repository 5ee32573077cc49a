import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { wakeWaiters } from "@upkeep/supervise/fifo/waiters";
import { afterAll, expect, test } from "vitest";

import { createListeners, type Listeners } from "../../src/depend/listeners.ts";
import { makeDirectories } from "../helpers/directories.ts";
import { until } from "../helpers/until.ts";

const directories = makeDirectories("listeners");
afterAll(directories.remove);

interface Rig {
  readonly listeners: Listeners;
  readonly changes: () => number;
  /** The `supervise` directory of a sibling. */
  supervise(sibling: string): string;
  /** Who listens to a sibling. */
  ears(sibling: string): readonly string[];
}

function open(...siblings: readonly string[]): Rig {
  const { path } = directories.make();
  const supervise = (sibling: string): string => join(path, sibling, "supervise");
  for (const sibling of siblings) mkdirSync(supervise(sibling), { recursive: true });
  let count = 0;
  const pathOf = (sibling: string): string | null => (sibling === "unknown" ? null : join(path, sibling));
  const listeners = createListeners(pathOf, "web", () => count++);
  const ears = (sibling: string): readonly string[] => {
    try {
      return readdirSync(join(supervise(sibling), "waiters"));
    } catch {
      return [];
    }
  };
  return { listeners, changes: () => count, supervise, ears };
}

const own: unknown = expect.stringMatching(new RegExp(`^web\\.${process.pid}\\.`));

test("each sibling that is named is listened to, and says when it changes", async () => {
  const { listeners, changes, supervise, ears } = open("db", "cache");
  expect(listeners.set(["db", "cache"])).toBe(true);
  expect([ears("db"), ears("cache")]).toEqual([[own], [own]]);
  wakeWaiters(supervise("db"));
  await until(() => changes() === 1);
  wakeWaiters(supervise("cache"));
  await until(() => changes() === 2);
  listeners.set([]);
});

test("a sibling that is named no more is not listened to any more", () => {
  const { listeners, ears } = open("db", "cache");
  listeners.set(["db", "cache"]);
  expect(listeners.set(["cache"])).toBe(false);
  expect([ears("db"), ears("cache")]).toEqual([[], [own]]);
  expect(listeners.set([])).toBe(false);
  expect(ears("cache")).toEqual([]);
});

test("a sibling that has no supervise directory yet is new when it has one", () => {
  const { listeners, supervise, ears } = open();
  expect(listeners.set(["db", "unknown"])).toBe(false);
  mkdirSync(supervise("db"), { recursive: true });
  expect(listeners.set(["db", "unknown"])).toBe(true);
  expect(ears("db")).toEqual([own]);
  listeners.set([]);
});

test("a supervise directory that was made anew is listened to anew", async () => {
  const { listeners, changes, supervise } = open("db");
  listeners.set(["db"]);
  rmSync(supervise("db"), { recursive: true });
  mkdirSync(supervise("db"));
  expect(listeners.set(["db"])).toBe(true);
  wakeWaiters(supervise("db"));
  await until(() => changes() === 1);
  listeners.set([]);
});
