import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { errno } from "@upkeep/linux/core/errno";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

import { createChildren } from "@upkeep/linux/exec/children";
import { createProcessor } from "../../src/processor/processor.ts";
import { contents, createFeeder, modeOf, oldNames, type Feeder } from "../helpers/feeder.ts";
import { temporaryDirectory } from "../helpers/temporary-directory.ts";

const root = temporaryDirectory();
let number = 0;
let path = "";
let timer: ReturnType<typeof setInterval> | undefined;

beforeEach(() => {
  path = join(root.path, String(++number));
});
afterAll(() => {
  clearInterval(timer);
  root.remove();
});

/** Opens a log directory whose processors are reaped. */
function open(config: string): Feeder {
  const feeder = createFeeder(path, { config, lineLength: 2 });
  clearInterval(timer);
  timer = setInterval(feeder.children.reap, 5);
  feeder.log.open();
  return feeder;
}

async function run(config: string, input = "a\n".repeat(4)): Promise<Feeder> {
  const feeder = open(config);
  feeder.feed(input);
  await feeder.end();
  return feeder;
}

const label = (digit: number): string => `@400000006550${digit}${"0".repeat(11)}`;

describe("a processor", () => {
  test("gets the log, the state, and the log directory; its output replaces the log", async () => {
    const script = "tr a b; { cat <&4; echo x; } >&5; pwd >&5";
    const feeder = await run(`s10\n!${script}\n`, "a\n".repeat(8));
    const names = oldNames(path);
    expect(names.map((name) => name.slice(-2))).toEqual([".s", ".s"]);
    expect(contents(path)).toEqual(["b\n".repeat(4), "b\n".repeat(4), ""]);
    expect(modeOf(join(path, names[0] ?? ""))).toBe("744");
    expect(readFileSync(join(path, "state"), "latin1")).toBe(`x\n${path}\nx\n${path}\n`);
    expect(feeder.said.filter((line) => !line.startsWith("info"))).toEqual([]);
  });

  test.each([
    ["exits with something else than 0", "cat; exit 3"],
    ["is killed", "cat; kill -9 $$"],
    ["is killed by a signal that the runtimes know nothing of", "cat; kill -40 $$"],
    ["does not exist", "/nonexistent/program 2>/dev/null"],
  ])("that %s leaves the log as it is, and logging goes on", async (_what, script) => {
    const feeder = await run(`s10\n!${script}\n`, "a\n".repeat(6));
    expect(contents(path)).toEqual(["a\n".repeat(4), "a\na\n"]);
    expect(oldNames(path)[0]).toMatch(/\.u$/);
    expect(feeder.said).toContain(`warning: processor failed, restart: ${path}`);
  });

  test("that fails is tried again later", async () => {
    const feeder = open("s10\n!test -e ready && cat\n");
    feeder.feed("a\n".repeat(4));
    while (!feeder.said.some((line) => line.startsWith("warning"))) await pause();
    writeFileSync(join(path, "ready"), "");
    while (!oldNames(path).some((name) => name.endsWith(".s"))) await pause();
    expect(feeder.said.filter((line) => line.startsWith("warning"))).toHaveLength(1);
    await feeder.end();
  });

  test("tells once that nothing is being processed", () => {
    mkdirSync(path);
    const processor = createProcessor({
      place: { name: path, path: (entry) => join(path, entry) },
      directory: -1,
      environment: [],
      children: { start: () => ({ ok: false, errno: 0 }), reap: () => {} },
      say: { fatal: () => {}, warning: () => {}, pausing: () => {}, info: () => {} },
    });
    let calls = 0;
    processor.finish(true, () => calls++);
    processor.kick();
    processor.kick(true);
    expect(calls).toBe(1);
  });

  test("that cannot be started leaves the log as it is, until it can", async () => {
    clearInterval(timer);
    mkdirSync(path);
    writeFileSync(join(path, `${label(1)}.u`), "left\n");
    const said: string[] = [];
    const children = createChildren();
    let isFailing = true;
    const processor = createProcessor({
      place: { name: path, path: (entry) => join(path, entry) },
      directory: openSync(path, "r"),
      environment: [new TextEncoder().encode("PATH=/bin:/usr/bin")],
      children: {
        ...children,
        start: (...args) => (isFailing ? { ok: false, errno: errno.EAGAIN } : children.start(...args)),
      },
      say: { fatal: () => {}, warning: (message) => said.push(message), pausing: () => {}, info: () => {} },
    });
    processor.use("cat");
    processor.kick();
    while (processor.inProcess() !== null) await pause();
    expect(said).toEqual([`unable to run processor: ${path}: temporary failure`, `processor failed, restart: ${path}`]);
    expect(oldNames(path)).toEqual([`${label(1)}.u`]);
    isFailing = false;
    processor.kick(true);
    while (processor.inProcess() !== null) {
      children.reap();
      await pause();
    }
    expect(oldNames(path)).toEqual([`${label(1)}.s`]);
    expect(said).toHaveLength(2);
  });

  test("is given what was left over from before", async () => {
    mkdirSync(path);
    writeFileSync(join(path, `${label(1)}.u`), "left\n");
    writeFileSync(join(path, `${label(1)}.t`), "half");
    await run("!tr l b\n", "");
    expect(oldNames(path)).toEqual([`${label(1)}.s`]);
    expect(contents(path)[0]).toBe("beft\n");
  });

  test("is not disturbed by one that has outlived the svlogd that started it", async () => {
    mkdirSync(path);
    writeFileSync(join(path, `${label(1)}.u`), "left\n");
    const survivor = ["newstate", `${label(1)}.t`].map((name) => openSync(join(path, name), "w"));
    const feeder = open("!cat; echo new >&5\n");
    for (const fd of survivor) writeSync(fd, "something quite different\n");
    await feeder.end();
    for (const fd of survivor) writeSync(fd, "and more\n");
    for (const fd of survivor) closeSync(fd);
    expect(contents(path)[0]).toBe("left\n");
    expect(readFileSync(join(path, "state"), "latin1")).toBe("new\n");
  });

  test("is not given again what was processed when we were killed", async () => {
    mkdirSync(path);
    writeFileSync(join(path, `${label(1)}.u`), "left\n");
    writeFileSync(join(path, `${label(1)}.s`), "done\n");
    writeFileSync(join(path, "newstate"), "new");
    await run("!false\n", "");
    expect(oldNames(path)).toEqual([`${label(1)}.s`]);
    expect(contents(path)[0]).toBe("done\n");
    expect(readFileSync(join(path, "state"), "latin1")).toBe("new");
  });

  test("keeps its log while others are removed", async () => {
    const feeder = open("s10\nn1\n!until [ -e go ]; do sleep 0.02; done; cat\n");
    feeder.feed("a\n".repeat(20));
    const unprocessed = (): number => oldNames(path).filter((name) => name.endsWith(".u")).length;
    while (unprocessed() > 2) await pause();
    writeFileSync(join(path, "go"), "");
    await feeder.end();
    expect(oldNames(path).every((name) => name.endsWith(".s"))).toBe(true);
  });

  test("gzip is done without one", async () => {
    await run("s10\n!gzip\n");
    expect(gunzipSync(readFileSync(join(path, oldNames(path)[0] ?? ""))).toString()).toBe("a\n".repeat(4));
  });
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
