import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Scratch } from "../trial/scratch.ts";

/** The program that writes numbered lines: its head tells how to call it. */
export const producer: string = join(import.meta.dirname, "producer.pl");

const digits = 12;
const files = new Map<string, string>();

/** A file of so many lines of `length` bytes, in memory; it is there until the end of the process. */
export function numberedLines(lines: number, length: number): string {
  const key = `${lines} lines of ${length}`;
  let file = files.get(key);
  if (file === undefined) {
    file = join(new Scratch("in memory").root, "lines");
    const producing = ["-c", 'exec perl "$@" >"$0"', file, producer];
    execFileSync("/bin/sh", [...producing, "--count", String(lines), "--length", String(length)]);
    files.set(key, file);
  }
  return file;
}

/**
 * Compares what a logger has kept: whole lines in order up to the last one, each undamaged behind its stamp.
 *
 * @throws when one is missing, doubled or damaged.
 */
export function verifyKept(directory: string, lines: number, length: number): void {
  const names = readdirSync(directory).filter((name) => /^@.*\.[su]$/.test(name));
  const filling = ` ${"x".repeat(length - digits - 2)}`;
  let expected: number | null = null;
  for (const name of [...names.toSorted(), "current"]) {
    const text = readFileSync(join(directory, name), "latin1");
    for (const line of text.split("\n").slice(0, -1)) {
      const number = Number(line.slice(1 - length).slice(0, digits));
      if (!line.endsWith(filling) || number !== (expected ?? number)) {
        throw new Error(`${name}: after line ${(expected ?? 0) - 1} there is '${line.slice(0, 60)}'`);
      }
      expected = number + 1;
    }
  }
  if (expected !== lines) throw new Error(`the last line is number ${(expected ?? 0) - 1} of ${lines}`);
}
