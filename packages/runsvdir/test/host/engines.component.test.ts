import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lineOutput } from "@upkeep/log-prefix/output/line-output";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { reapChildren } from "@upkeep/linux/process/wait";
import { findSurroundings } from "@upkeep/runsv/surroundings";
import { afterEach, expect, test } from "vitest";

import type { RunsvEnd } from "../../src/core/event.ts";
import { createEngines, type Engines, type InlineEntry } from "../../src/host/engines.ts";
import { HandsOver } from "../../src/host/hands-over.ts";

const root = mkdtempSync(join(tmpdir(), "engines-"));
let hosts: (() => void)[] = [];
afterEach(() => {
  for (const close of hosts) close();
  hosts = [];
  rmSync(root, { recursive: true, force: true });
});

interface Host {
  readonly engines: Engines;
  readonly said: string[];
  readonly ends: (readonly [number, RunsvEnd])[];
  /** Thrown before a start of the service with this name. */
  readonly errors: Map<string, Error>;
  open(name: string): number;
  pidOf(name: string): number;
}

function openHost(): Host {
  const said: string[] = [];
  const ends: (readonly [number, RunsvEnd])[] = [];
  const errors = new Map<string, Error>();
  const say = (message: string): void => void said.push(message);
  const engines = createEngines({
    surroundings: findSurroundings(
      lineOutput(1, () => null),
      2,
    ),
    siblings: (name) => join(root, name),
    beforeStart: ({ name }: InlineEntry) => {
      const error = errors.get(name);
      if (error !== undefined) throw error;
    },
    onCritical: () => {},
    onEnd: (number, end) => void ends.push([number, end]),
    onNoRoom: () => {},
    onWork: () => {},
    sayAs: (prefix) => ({
      fatal: (message) => say(`${prefix}: ${message}`),
      warning: (message) => say(`${prefix}: ${message}`),
    }),
  });
  const reap = (): void => {
    for (const child of reapChildren(engines.beforeReaping)) engines.reaped(child);
  };
  process.on("SIGCHLD", reap);
  const open: Host["open"] = (name) => {
    const path = join(root, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "run"), "#!/bin/sh\nexec sleep 1000\n", { mode: 0o755 });
    return engines.open({ name, path: () => path, isLast: false, descriptors: 6 });
  };
  const pidOf = (name: string): number => {
    try {
      return Number(readFileSync(join(root, name, "supervise/pid"), "utf8"));
    } catch {
      return 0;
    }
  };
  hosts.push(() => void process.off("SIGCHLD", reap));
  return { engines, said, ends, errors, open, pidOf };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("an exit reaches the engine that has started the process, and no other", async () => {
  const { engines, open, pidOf, ends } = openHost();
  const [one, other] = [open("one"), open("other")];
  await until(() => pidOf("one") > 0 && pidOf("other") > 0);
  const [first, untouched] = [pidOf("one"), pidOf("other")];
  sendSignal(first, "SIGKILL");
  await until(() => pidOf("one") !== first && pidOf("one") > 0);
  expect(pidOf("other")).toBe(untouched);
  expect(engines.reaped({ pid: 1, status: 0 })).toBe(false);
  for (const number of [one, other]) engines.signal(number, "SIGTERM");
  await until(() => ends.length === 2);
  expect(new Map(ends)).toEqual(new Map([one, other].map((number) => [number, "success"])));
});

test("an error in one engine ends that one only; the next engine adopts what runs, and learns how it ends", async () => {
  const { engines, errors, said, open, pidOf, ends } = openHost();
  const [one, other] = [open("one"), open("other")];
  await until(() => pidOf("one") > 0 && pidOf("other") > 0);
  const running = pidOf("other");
  errors.set("one", new Error("broken"));
  sendSignal(pidOf("one"), "SIGKILL");
  await until(() => ends.length === 1);
  expect(ends).toEqual([[one, "fault"]]);
  expect(said).toEqual([expect.stringMatching(/^runsv one: internal error: broken .*; opening it again$/)]);
  expect(pidOf("other")).toBe(running);
  errors.clear();
  // As after an error: it lets go of all, and what runs goes on.
  engines.signal(other, "SIGKILL");
  const again = [open("one"), open("other")];
  await until(() => pidOf("one") > 0 && ends.length === 2);
  await until(() => JSON.parse(readFileSync(join(root, "other/supervise/state.json"), "utf8")).state === "run");
  expect(pidOf("other")).toBe(running);
  sendSignal(running, "SIGKILL");
  await until(() => pidOf("other") !== running && pidOf("other") > 0);
  const { lastExit } = JSON.parse(readFileSync(join(root, "other/supervise/state.json"), "utf8"));
  expect(lastExit).toMatchObject({ signal: 9 });
  for (const number of again) engines.signal(number, "SIGTERM");
  await until(() => ends.length === 4);
});

test("a service that needs a process of its own is handed over without a word", async () => {
  const { engines, errors, said, open, pidOf, ends } = openHost();
  const one = open("one");
  await until(() => pidOf("one") > 0);
  errors.set("one", new HandsOver());
  sendSignal(pidOf("one"), "SIGKILL");
  await until(() => ends.length === 1);
  expect(ends).toEqual([[one, "handedOver"]]);
  expect(said).toEqual([]);
  let isGone = false;
  engines.whenGone(() => {
    isGone = true;
  });
  expect(isGone).toBe(true);
});
