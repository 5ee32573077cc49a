import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

import type { Suite } from "../suites.ts";
import { FedLogger } from "./fed-logger.ts";
import { type Stage, takeStages } from "./stages.ts";

const lineLength = 100;

/** Logs numbered lines as fast as svlogd takes them, with the default settings of a log directory. */
export async function logFlood(suite: Suite, gigabytes: number, longest: number): Promise<readonly Stage[]> {
  await using logger = await FedLogger.start(suite, ["-tt"], "");
  const total = (gigabytes * 1e9) / lineLength;
  const stop = new AbortController();
  let logged = 0;
  const done = (): number => (logged = Math.max(logged, lastNumber(join(logger.directory, "current")) + 1));
  const produced = logger.produce(["--count", String(total), "--length", String(lineLength)], stop.signal);
  const stages = await takeStages({ done, total, processes: [logger.pid], longest }).finally(() => stop.abort());
  await produced;
  await logger.end();
  verifyNumbers(logger.files(), stages.at(-1)?.count === total ? total - 1 : null);
  return stages;
}

/** Number of the last whole line in a log; -1: there is none just now. */
function lastNumber(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return -1; // It is being rotated.
  }
  try {
    const tail = Buffer.alloc(3 * lineLength);
    const count = readSync(fd, tail, 0, tail.length, Math.max(0, fstatSync(fd).size - tail.length));
    return numbers(tail.toString("latin1", 0, count)).at(-1) ?? -1;
  } finally {
    closeSync(fd);
  }
}

function numbers(text: string): readonly number[] {
  return Array.from(text.matchAll(/ (\d{12}) x+\n/g), ([, digits]) => Number(digits));
}

/** Throws unless the lines of these files have consecutive numbers. @param last the number to end with; null: any. */
function verifyNumbers(files: readonly string[], last: number | null): void {
  let before: number | null = null;
  for (const path of files) {
    const text = readFileSync(path, "latin1");
    const found = numbers(text);
    const isCut = last === null && path === files.at(-1);
    if (!isCut && text.split("\n").length - 1 !== found.length) throw new Error(`${path}: lines that are not whole`);
    for (const number of found) {
      if (before !== null && number !== before + 1) throw new Error(`${path}: ${number} follows ${before}`);
      before = number;
    }
  }
  if (last !== null && before !== last) throw new Error(`the last line is ${before}, not ${last}`);
}
