import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { afterAll, expect, test } from "vitest";

import type { LogOptions } from "../src/core/arguments.ts";
import { createChildren } from "@upkeep/linux/exec/children";
import { createLogger, type Logger } from "../src/open.ts";
import { modeOf } from "./helpers/feeder.ts";
import { temporaryDirectory } from "./helpers/temporary-directory.ts";

const root = temporaryDirectory();
afterAll(() => {
  // Other tests read from the same standard input.
  setNonBlocking(0, false);
  root.remove();
});

interface Started {
  readonly logger: Logger;
  readonly said: readonly string[];
  readonly exited: Promise<number>;
}

function logger(...directories: readonly string[]): Started {
  const options: LogOptions = {
    stamp: 0,
    isVerbose: false,
    replacement: null,
    alsoReplaced: new Uint8Array(),
    lineLength: 1000,
    directories,
  };
  const said: string[] = [];
  const say = (severity: string) => (message: string) => void said.push(`${severity}: ${message}`);
  const { promise: exited, resolve: onExit } = Promise.withResolvers<number>();
  const messages = { fatal: say("fatal"), warning: say("warning"), pausing: say("pausing"), info: () => {} };
  return { logger: createLogger(options, { say: messages, children: createChildren(), onExit }), said, exited };
}

function directory(name: string): string {
  const path = join(root.path, name);
  mkdirSync(path, { recursive: true });
  return path;
}

test("without any directory that can be used there is nothing to do", () => {
  const missing = join(root.path, "missing");
  writeFileSync(join(root.path, "file"), "");
  const { logger: one, said } = logger(missing, join(root.path, "file"));
  expect(one.open()).toBe(false);
  expect(said).toEqual([
    `warning: unable to open log directory: ${missing}: file does not exist`,
    `warning: unable to change directory: ${join(root.path, "file")}: not a directory`,
    "fatal: no functional log directories.",
  ]);
});

test("one of several directories is enough; the others are tried again when they are opened anew", async () => {
  const [good, late] = [directory("good"), join(root.path, "late")];
  const { logger: one, said, exited } = logger(late, good);
  expect(one.open()).toBe(true);
  expect(said).toEqual([`warning: unable to open log directory: ${late}: file does not exist`]);
  directory("late");
  expect(one.open()).toBe(true);
  expect(said).toHaveLength(1);
  one.stop();
  expect(await exited).toBe(0);
  for (const path of [good, late]) {
    expect(readFileSync(join(path, "current"), "latin1")).toBe("");
    expect(modeOf(join(path, "current"))).toBe("744");
  }
});

test("a directory that is given twice is used once", async () => {
  const path = directory("twice");
  const { logger: one, said, exited } = logger(path, path);
  expect(one.open()).toBe(true);
  expect(said).toEqual([`warning: unable to lock directory: ${path}: temporary failure`]);
  one.stop();
  expect(await exited).toBe(0);
});
