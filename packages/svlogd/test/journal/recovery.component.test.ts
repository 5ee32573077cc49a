/*
 * A logger dies at one of its system calls, or at one of its stores to the journal. Its successors may die as well. All
 * of it is real but the reads. Each call of node:fs may be the last.
 */
import { chmodSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";

import { canDie, createMortal, type Mortal } from "../helpers/mortal.ts";
import { temporaryDirectory } from "../helpers/temporary-directory.ts";

const root = temporaryDirectory();
afterAll(root.remove);

/** Runs on Node only: nothing of what is tested depends on the runtime. */
const testOnNode: typeof test | (() => void) = canDie ? test : () => {};
if (!canDie) console.info("left to Node: the deaths of loggers; Bun does not let node:fs be patched");

const length = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 1, arbitrary: fc.integer({ min: 13, max: 150 }) },
);
const scenario = fc.record({
  lengths: fc.array(length, { minLength: 5, maxLength: 30 }),
  reads: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 10 }),
  /** After how many steps each of the loggers dies. */
  lives: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 8 }),
  size: fc.constantFrom(0, 30, 100, 150),
  directories: fc.integer({ min: 1, max: 2 }),
  stamp: fc.constantFrom(0 as const, 1 as const),
  torn: fc.nat({ max: 20 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Each line has its number, so no two lines are the same. */
function textOf(lengths: readonly number[]): string {
  return lengths.map((count, at) => `${at}:${"x".repeat(count)}\n`).join("");
}

/** Lets loggers die and follow each other. The last one lives until all has been read. */
async function live(mortal: Mortal, lives: readonly number[]): Promise<void> {
  for (const steps of lives) mortal.live(steps);
  mortal.live(Infinity);
  await mortal.end();
}

function expectAll(mortal: Mortal, { lengths, stamp, size }: Scenario): void {
  const text = textOf(lengths);
  for (const files of mortal.files()) {
    const all = files.join("");
    expect(stamp === 0 ? all : all.replaceAll(/^@[0-9a-f]{24} /gm, "")).toBe(text);
    // A rotation may divide a line that is longer, stamp included.
    if (lengths.every((count) => count < 13) && stamp === 0 && (size === 0 || size >= 100)) {
      // It may also divide a line that comes after a logger which died before it could rotate: the log is full, and its
      // successor appends what the log can hold, as at any start.
      for (const file of files) if (file.length !== size) expect(file).toMatch(/\n$|^$/);
    }
  }
}

let number = 0;
async function run(given: Scenario): Promise<void> {
  const mortal = createMortal(`${root.path}/${++number}`, { ...given, text: textOf(given.lengths) });
  await live(mortal, given.lives);
  expectAll(mortal, given);
}

testOnNode("whenever loggers die, each line is in the logs once, whole and in its place", async () => {
  await fc.assert(fc.asyncProperty(scenario, run), { numRuns: 150 });
});

testOnNode("wherever a logger dies, and wherever its successor does, nothing is lost", async () => {
  const lengths = Array.from({ length: 16 }, (_, at) => (at === 7 ? 90 : at % 9));
  for (const second of [7, 23, 1000]) {
    for (let first = 1; first < 140; first++) {
      const lives = [first, second];
      await run({ lengths, reads: [40, 64], lives, size: 100, directories: 2, stamp: 0, torn: first % 7 });
    }
  }
});

/** Does what a logger without a journal does: it puts aside what a crash has left, and appends the next lines. */
function logOtherwise(mortal: Mortal, lines: readonly string[], isOrderly: boolean): void {
  for (const path of mortal.paths) {
    const current = join(path, "current");
    const found = statSync(current, { throwIfNoEntry: false });
    if (found !== undefined && found.size > 0 && (found.mode & 0o100) === 0) {
      renameSync(current, join(path, "@400000007000000000000000.u"));
    }
    writeFileSync(current, lines.map((text) => `${text}\n`).join(""), { flag: "a" });
    chmodSync(current, isOrderly ? 0o744 : 0o644);
  }
}

testOnNode("what a killed logger has left never comes behind the lines of another one", async () => {
  const lengths = Array.from({ length: 16 }, (_, at) => at % 9);
  const text = textOf(lengths);
  const all = new Set(text.split("\n").slice(0, -1));
  for (const isOrderly of [true, false]) {
    for (let steps = 1; steps < 140; steps++) {
      const options = { reads: [40, 64], size: 100, directories: 2, stamp: 0 as const, torn: steps % 7 };
      const mortal = createMortal(`${root.path}/${++number}`, { ...options, text });
      const state = mortal.live(steps);
      const taken = mortal.taken();
      logOtherwise(mortal, ["other"], isOrderly);
      mortal.live(Infinity);
      await mortal.end();
      for (const files of mortal.files()) {
        const lines = files
          .join("")
          .replace(/([^\n])other/, "$1\nother")
          .split("\n")
          .slice(0, -1);
        const whole = lines.filter((line) => all.has(line));
        const numbers = whole.map((line) => Number(line.split(":")[0]));
        expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
        expect(new Set(numbers).size).toBe(numbers.length);
        expect(lines.filter((line) => line === "other")).toHaveLength(1);
        const later = lines.slice(lines.indexOf("other")).filter((line) => whole.includes(line));
        expect(later.filter((line) => text.indexOf(`${line}\n`) + line.length < taken)).toEqual([]);
        if (state === "done") expect(numbers).toHaveLength(lengths.length);
      }
    }
  }
});
