import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";

import { register } from "../trial/cleanup.ts";
import { baseDirectory } from "../trial/tree.ts";

/** The program that writes them: its head tells how to call it. */
export const producer: string = join(import.meta.dirname, "producer.pl");

const digits = 12;
const files = new Map<string, Promise<string>>();

/** A file of so many lines of `length` bytes, in memory; it is there until the end of the process. */
export function numberedLines(lines: number, length: number): Promise<string> {
  const key = `${lines} lines of ${length}`;
  const made = files.get(key) ?? makeFile(lines, length);
  files.set(key, made);
  return made;
}

async function makeFile(lines: number, length: number): Promise<string> {
  const root = await mkdtemp(join(baseDirectory, "upkeep-bench-"));
  register(randomUUID(), root);
  const file = join(root, "lines");
  await execa("perl", [producer, "--count", String(lines), "--length", String(length)], {
    stdout: { file },
    buffer: false,
  });
  return file;
}

/**
 * Looks at what a logger has kept: whole lines in order up to the last one, each undamaged behind its stamp.
 *
 * @throws when one is missing, doubled or damaged.
 */
export async function verifyKept(directory: string, lines: number, length: number): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^@.*\.[su]$/.test(name)).toSorted();
  const filling = ` ${"x".repeat(length - digits - 2)}`;
  let expected: number | null = null;
  for (const name of [...names, "current"]) {
    const text = await readFile(join(directory, name), "latin1");
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
