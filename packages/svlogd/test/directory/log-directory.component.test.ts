import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

import { contents, createFeeder, modeOf, oldNames, type FeederOptions } from "../helpers/feeder.ts";
import { temporaryDirectory } from "../helpers/temporary-directory.ts";

const root = temporaryDirectory();
let number = 0;
let path = "";

beforeEach(() => {
  path = join(root.path, String(++number));
});
afterAll(root.remove);

async function logged(input: string, options: FeederOptions): Promise<readonly string[]> {
  const feeder = createFeeder(path, options);
  expect(feeder.log.open()).toBe(true);
  feeder.feed(input);
  await feeder.end();
  return contents(path);
}

const label = (digit: string): string => `@40000000655${digit}${"0".repeat(12)}`;

describe("rotation", () => {
  test("lines of 21 bytes with s100 and a line length of 20 make logs of 84 bytes", async () => {
    const files = await logged(`${"x".repeat(20)}\n`.repeat(9), { config: "s100\n", lineLength: 20 });
    expect(files.map((file) => file.length)).toEqual([84, 84, 21]);
  });

  test("a line of 350 bytes is divided", async () => {
    const files = await logged(`${"x".repeat(350)}\n`, { config: "s100\n", lineLength: 20 });
    expect(files.map((file) => file.length)).toEqual([100, 100, 100, 51]);
  });

  test("no byte is lost or moved, whatever is read at once and however small the logs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 60 }),
        async (reads, size, lineLength) => {
          path = join(root.path, String(++number));
          const input = Buffer.concat(reads).toString("latin1");
          const feeder = createFeeder(path, { config: `s${size}\nn0\n`, lineLength });
          feeder.log.open();
          for (const read of reads) feeder.feed(read);
          await feeder.end();
          const end = input === "" || input.endsWith("\n") ? "" : "\n";
          const files = contents(path);
          expect(files.join("")).toBe(input + end);
          expect(Math.max(...files.map((file) => file.length))).toBeLessThanOrEqual(size);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("lowering n removes down to it at the next rotation", async () => {
    await logged("a\n".repeat(60), { config: "s10\nn0\n", lineLength: 2 });
    expect(oldNames(path).length).toBeGreaterThan(6);
    await logged("b\n".repeat(6), { config: "s10\nn2\n", lineLength: 2 });
    expect(oldNames(path)).toHaveLength(2);
  });

  test("labels go on from the latest there is, even one of the future", async () => {
    mkdirSync(path);
    const future = `@4000000100${"0".repeat(14)}`;
    writeFileSync(join(path, `${future}.s`), "later\n");
    await logged("a\n".repeat(60), { config: "s10\nn3\n", lineLength: 2 });
    expect(oldNames(path)[0]?.startsWith("@4000000100")).toBe(true);
  });

  test("a request rotates a log that is not empty, and only that", async () => {
    const feeder = createFeeder(path);
    feeder.log.open();
    feeder.log.rotate();
    feeder.feed("a\n");
    feeder.log.rotate();
    feeder.log.rotate();
    await feeder.end();
    expect(contents(path)).toEqual(["a\n", ""]);
  });
});

describe("files", () => {
  test("current is 644 while it is open and 744 afterwards; the lock stays", async () => {
    const feeder = createFeeder(path);
    feeder.log.open();
    feeder.feed("a\n");
    expect(modeOf(join(path, "current"))).toBe("644");
    await feeder.end();
    expect(modeOf(join(path, "current"))).toBe("744");
    expect(modeOf(join(path, "lock"))).toBe("600");
  });

  test("what a crash has left in current is put aside whole", async () => {
    mkdirSync(path);
    writeFileSync(join(path, "current"), "torn");
    chmodSync(join(path, "current"), 0o644);
    expect(await logged("a\n", {})).toEqual(["torn", "a\n"]);
    expect(oldNames(path)[0]).toMatch(/\.u$/);
  });

  test("a second logger is kept out, and let in later", async () => {
    const first = createFeeder(path);
    const second = createFeeder(path);
    expect(first.log.open()).toBe(true);
    expect(second.log.open()).toBe(false);
    expect(second.said).toEqual([`warning: unable to lock directory: ${path}: temporary failure`]);
    await first.end();
    expect(second.log.open()).toBe(true);
    await second.end();
  });

  test("opening again takes new settings and appends", async () => {
    const feeder = createFeeder(path);
    feeder.log.open();
    feeder.feed("a\nb");
    writeFileSync(join(path, "config"), "p> \n");
    expect(feeder.log.open()).toBe(true);
    feeder.feed("c\n");
    await feeder.end();
    expect(contents(path)).toEqual(["a\n> bc\n"]);
  });

  test("opening again in the middle of a long line loses nothing of it", async () => {
    const feeder = createFeeder(path, { lineLength: 10 });
    feeder.log.open();
    feeder.feed("a".repeat(30));
    expect(feeder.log.open()).toBe(true);
    feeder.feed(`${"b".repeat(30)}\nc\n`);
    await feeder.end();
    expect(contents(path)).toEqual([`${"a".repeat(30)}${"b".repeat(30)}\nc\n`]);
  });

  test("opening again after the directory has gone says so, and takes a new one", async () => {
    const feeder = createFeeder(path);
    feeder.log.open();
    renameSync(path, `${path}.away`);
    expect(feeder.log.open()).toBe(false);
    expect(feeder.said.at(-1)).toBe(`warning: unable to open log directory: ${path}: file does not exist`);
    mkdirSync(path);
    expect(feeder.log.open()).toBe(true);
    feeder.feed("a\n");
    await feeder.end();
    expect(contents(path)).toEqual(["a\n"]);
  });

  test("a removed current is made anew at the next rotation", async () => {
    const feeder = createFeeder(path, { config: "s10\n", lineLength: 2 });
    feeder.log.open();
    feeder.feed("a\n");
    rmSync(join(path, "current"));
    feeder.feed("b\n".repeat(6));
    await feeder.end();
    expect(feeder.said).toContain(`warning: unable to rename current: ${path}: file does not exist`);
    expect(contents(path).join("")).toMatch(/^(?:b\n)+$/);
  });

  test("the last line is in the file asked for", async () => {
    await logged("a\nb\nno\nc", { config: "=last\n-no\n", stamp: 2 });
    expect(readFileSync(join(path, "last"), "latin1")).toBe("2023-11-14_22:13:20.12345 c\n");
  });
});

describe("lines", () => {
  test("stamp and prefix come before each line, long ones included", async () => {
    const stamp = "2023-11-14T22:13:20.12345 ";
    const long = "y".repeat(9000);
    const files = await logged(`a\n\n${long}\nb`, { config: "pP: \n", stamp: 3, lineLength: 50 });
    expect(files).toEqual([`${stamp}P: a\n${stamp}P: \n${stamp}P: ${long}\n${stamp}P: b\n`]);
  });

  test("patterns choose among the lines by their start", async () => {
    const long = `a${"z".repeat(9000)}`;
    const files = await logged(`a\nb\nab\n${long}\nx${long}\n`, { config: "-*\n+a*\n-ab\n", lineLength: 50 });
    expect(files).toEqual([`a\n${long}\n`]);
  });

  test("bytes are replaced before they are looked at", async () => {
    expect(await logged("a\tb\nc\n", { config: "-*\n+a.b\n", replacement: 0x2e })).toEqual(["a.b\n"]);
  });
});

describe("beside runit's svlogd", () => {
  const program = "svlogd";
  const isInstalled = spawnSync(program, ["-V"]).status === 111;
  const line = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.string({ minLength: 90, maxLength: 400 }),
    fc.constantFrom("", "x".repeat(20), "x".repeat(19), "x".repeat(99), "abc: pid 4"),
  );
  const settings = fc.record({
    size: fc.constantFrom(0, 30, 100, 120, 121, 200, 5000),
    lineLength: fc.constantFrom(1, 20, 100, 1000),
    rules: fc.array(fc.constantFrom("-*", "+a*", "-*pid*", "+*: *", "pX: "), { maxLength: 3 }),
  });

  test.skipIf(!isInstalled)("the same input makes the same files", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 30 }), settings, async (lines, { size, lineLength, rules }) => {
        path = join(root.path, String(++number));
        const stock = `${path}.stock`;
        const config = `s${size}\nn0\n${rules.map((rule) => `${rule}\n`).join("")}`;
        const input = lines.map((text) => `${text.replaceAll("\n", "")}\n`).join("");
        mkdirSync(stock);
        writeFileSync(join(stock, "config"), config);
        spawnSync(program, ["-l", String(lineLength), "-b", "1100", stock], { input, timeout: 20_000 });
        await logged(input, { config, lineLength });
        expect(contents(path)).toEqual(contents(stock));
      }),
      { numRuns: 40 },
    );
  });
});

describe("old logs", () => {
  test("output that a processor has left is removed at the next rotation", async () => {
    mkdirSync(path);
    writeFileSync(join(path, `${label("1")}.t`), "half");
    await logged("a\n".repeat(6), { config: "s10\n", lineLength: 2 });
    expect(oldNames(path).filter((name) => name.endsWith(".t"))).toEqual([]);
  });
});
