import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lineOutput } from "@upkeep/log-prefix/output/line-output";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { reapChildren } from "@upkeep/linux/process/wait";
import { findSurroundings } from "@upkeep/runsv/surroundings";
import { afterEach, expect, test } from "vitest";

import type { RunsvEnd } from "../../src/core/event.ts";
import { createEngines, type Engines } from "../../src/host/engines.ts";
import { HandsOver } from "../../src/host/hands-over.ts";
import { createTurnEnd, createTurns } from "../../src/host/turns.ts";

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
  /** Called at points of the work of engines: before each start, while it is made, and after each piece of work. May throw. */
  at: () => void;
  open(name: string): number;
  pidOf(name: string): number;
}

function openHost(): Host {
  const said: string[] = [];
  const ends: (readonly [number, RunsvEnd])[] = [];
  const errors = new Map<string, Error>();
  const say = (message: string): void => void said.push(message);
  const surroundings = findSurroundings(
    lineOutput(1, () => null),
    2,
  );
  // It is looked at in the middle of a start, when that is on record and the process is not there yet.
  const environment = new Proxy(surroundings.environment, {
    get: (entries, key, self): unknown => {
      host.at();
      return Reflect.get(entries, key, self);
    },
  });
  const engines = createEngines({
    surroundings: { ...surroundings, environment },
    pathOf: (name) => join(root, name),
    siblings: (name) => join(root, name),
    beforeStart: (name) => {
      host.at();
      const error = errors.get(name);
      if (error !== undefined) throw error;
    },
    onCritical: () => {},
    onEnd: (number, end) => void ends.push([number, end]),
    onNoRoom: () => {},
    onWork: () => host.at(),
    inTurn: createTurns(),
    atTurnEnd: createTurnEnd(() => reap()),
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
    writeFileSync(join(path, "run"), "#!/bin/sh\ntrap '' HUP USR1\nexec sleep 1000\n", { mode: 0o755 });
    return engines.open({ name, opened: null, isLast: false, descriptors: 6 });
  };
  const pidOf = (name: string): number => {
    try {
      return Number(readFileSync(join(root, name, "supervise/pid"), "utf8"));
    } catch {
      return 0;
    }
  };
  hosts.push(() => void process.off("SIGCHLD", reap));
  const host: Host = { engines, said, ends, errors, at: () => {}, open, pidOf };
  return host;
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

test("200 errors at random points of 100 engines disturb no other engine", async () => {
  const host = openHost();
  const { ends, open, pidOf } = host;
  const names = Array.from({ length: 100 }, (_, at) => `s${at}`);
  const numbers = new Map(names.map((name) => [open(name), name]));
  // Before it is sleep(1) the shell has not yet ignored the signals that the commands send, and may die of them.
  const isUp = (name: string): boolean => commandOf(pidOf(name)) === "sleep" && statOf(name).startsWith("run");
  await until(() => names.every(isUp));
  const seed = Date.now();
  const below = randomBelow(seed);
  for (let faults = 0; faults < 200; faults += 1) {
    const pids = new Map(names.map((name) => [name, pidOf(name)]));
    const name = names[below(names.length)] ?? "";
    const isKilled = below(3) === 0;
    let left = below(3);
    host.at = () => {
      if (left-- === 0) throw new Error("injected");
    };
    if (isKilled) sendSignal(pids.get(name) ?? 0, "SIGKILL");
    // After a kill, the restart has points as well. What is asked for again and again comes to the point in the end.
    await until(() => {
      if (ends.length <= faults) command(name, "up1ch".charAt(below(5)));
      return ends.length > faults;
    });
    host.at = () => {};
    const [number, how] = ends[faults] ?? [0, "none"];
    expect([how, seed]).toEqual(["fault", seed]);
    // It may be one of before, which still had something to do.
    const broken = numbers.get(number) ?? "";
    numbers.set(open(broken), broken);
    await until(() => isUp(broken) && command(broken, "u"));
    // The last command may have been a pause, and have met the shell.
    await until(() => command(name, "c") && isUp(name) && (!isKilled || pidOf(name) !== pids.get(name)));
    const changed = names.filter((other) => pidOf(other) !== pids.get(other));
    expect([changed, seed]).toEqual([isKilled ? [name] : [], seed]);
  }
  for (const name of names) command(name, "x");
  await until(() => ends.length === 300);
  expect(ends.slice(200).every(([, how]) => how === "success")).toBe(true);
});

/** Whether there was an engine to take the bytes. */
function command(name: string, bytes: string): boolean {
  try {
    const fd = openSync(join(root, name, "supervise/control"), constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, bytes);
    closeSync(fd);
    return true;
  } catch {
    return false;
  }
}

/** The name of a program that runs; empty where none does. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd();
  } catch {
    return "";
  }
}

function statOf(name: string): string {
  return readFileSync(join(root, name, "supervise/stat"), "utf8");
}

/** Whole numbers below a bound, the same for a seed (a linear congruential generator). */
function randomBelow(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
