import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { afterEach, beforeEach, expect, test } from "vitest";

import { tai64nText } from "@upkeep/supervise/core/tai64n";
import { countsLeapSeconds } from "@upkeep/logs/find/leap-seconds";
import { utc } from "@upkeep/logs/core/zone";
import { longestLine } from "@upkeep/logs/lines/line-cursor";
import { createStampReader } from "@upkeep/logs/lines/stamp-reader";
import { logDirectoryAt } from "@upkeep/logs/read/log-directory";
import { beginning, createLogReader, type Position } from "@upkeep/logs/read/log-reader";
import { positionOfLast, positionSince } from "@upkeep/logs/read/position";

const stamps = createStampReader(utc, false);
const label = (second: number): string => tai64nText({ seconds: second, nanoseconds: 0 });
const line = (second: number): string => `${label(second)} line ${second}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => line(from + index)).join("");

let path = "";
beforeEach(() => {
  path = mkdtempSync(`${tmpdir()}/upkeep-logs-`);
});
afterEach(() => rmSync(path, { recursive: true }));

interface Read {
  readonly texts: string[];
  readonly cuts: boolean[];
  readonly warnings: string[];
}

async function readFrom(position: Position): Promise<Read> {
  const warnings: string[] = [];
  const cuts: boolean[] = [];
  const reader = createLogReader(logDirectoryAt(path), stamps, position, (text) => warnings.push(text));
  const texts: string[] = [];
  const { cursor } = reader;
  while (cursor.next() || (await reader.fill()) || reader.finish()) {
    texts.push(cursor.bytes.toString("utf8", cursor.text, cursor.to));
    cuts.push(cursor.isCut);
  }
  reader.close();
  return { texts, cuts, warnings };
}

const named = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

test("old logs are read in their order, plain, by gzip and by zstd, and an unfinished line as well", async () => {
  writeFileSync(`${path}/${label(30)}.s`, zstdCompressSync(Buffer.from(lines(20, 30))));
  writeFileSync(`${path}/${label(20)}.s`, gzipSync(lines(10, 20)));
  writeFileSync(`${path}/${label(10)}.u`, lines(0, 10));
  writeFileSync(`${path}/${label(10)}.t`, "being written");
  writeFileSync(`${path}/current`, `${lines(30, 40)}${line(40).trimEnd()}`);
  expect(await readFrom(beginning)).toMatchObject({ texts: named(0, 41), warnings: [] });
});

test("a log that cannot be unpacked to its end gives what it can, and one warning", async () => {
  writeFileSync(`${path}/${label(20)}.s`, gzipSync(lines(0, 20)).subarray(0, -9));
  writeFileSync(`${path}/current`, lines(20, 22));
  const { texts, warnings } = await readFrom(beginning);
  expect(texts.slice(-2)).toEqual(named(20, 22));
  expect(warnings).toEqual([`unable to unpack ${path}/${label(20)}.s: input/output error`]);
});

test.each([1, 5, 10, 15, 25, 100])("the last %i lines are found from the end, across logs", async (count) => {
  writeFileSync(`${path}/${label(10)}.s`, lines(0, 10));
  writeFileSync(`${path}/${label(20)}.s`, lines(10, 20));
  writeFileSync(`${path}/current`, lines(20, 30));
  const position = await positionOfLast(logDirectoryAt(path), stamps, count, null, beginning);
  expect((await readFrom(position)).texts).toEqual(named(Math.max(0, 30 - count), 30));
});

test("lines since a moment are found in a log that is larger than what is read at once, to the line", async () => {
  writeFileSync(`${path}/${label(10)}.s`, lines(0, 10));
  writeFileSync(`${path}/current`, lines(10, 50_000));
  const position = positionSince(logDirectoryAt(path), stamps, 33_333e6);
  const { texts } = await readFrom(position);
  const first = texts.indexOf("line 33333");
  expect(position.known).toEqual(new Set([label(10)]));
  expect(texts.slice(first)).toEqual(named(33_333, 50_000));
  expect(first).toBeLessThan(2000);
  const last = await positionOfLast(logDirectoryAt(path), stamps, 2, (_, from, to) => to - from > 0, position);
  expect((await readFrom(last)).texts).toEqual(named(49_998, 50_000));
});

test("the last lines that match are counted, long lines and empty ones included", async () => {
  const long = "x".repeat(130_000);
  writeFileSync(`${path}/current`, `a\n\n${long}\nb\n\na\n`);
  const isA = (bytes: Buffer, from: number, to: number): boolean => bytes.toString("utf8", from, to) === "a";
  const position = await positionOfLast(logDirectoryAt(path), stamps, 2, isA, beginning);
  expect((await readFrom(position)).texts).toEqual(["a", "", long, "b", "", "a"]);
});

test("a line that is too long is read in parts, from the end as from the beginning", async () => {
  const [most, count] = [longestLine, 3];
  writeFileSync(`${path}/current`, `${line(1)}${label(2)} ${"x".repeat(count * most)}\n${line(3)}`);
  const whole = await readFrom(beginning);
  expect(whole.texts.map(({ length }) => length)).toEqual([6, most - 26, most, most, 26, 6]);
  expect(whole.cuts).toEqual([false, true, true, true, false, false]);
  // From the end, the parts begin elsewhere.
  const position = await positionOfLast(logDirectoryAt(path), stamps, 2, null, beginning);
  const { texts } = await readFrom(position);
  expect(texts.map(({ length }) => length)).toEqual([most, 6]);
});

test("a log without any newline is not read as a whole for its last lines", async () => {
  writeFileSync(`${path}/current`, "");
  truncateSync(`${path}/current`, 2 ** 40);
  const { known, offset } = await positionOfLast(logDirectoryAt(path), stamps, 20, null, beginning);
  expect([known.size, offset]).toEqual([0, 2 ** 40 - 20 * longestLine]);
});

test("stamps that would be younger than the file count leap seconds", () => {
  const now = Math.floor(Date.now() / 1000);
  writeFileSync(`${path}/current`, line(now));
  expect(countsLeapSeconds({ directory: path, logger: null })).toBe(false);
  writeFileSync(`${path}/current`, line(now + 27));
  expect(countsLeapSeconds({ directory: path, logger: null })).toBe(true);
  expect(countsLeapSeconds({ directory: path, logger: "svlogd" })).toBe(false);
});

test("what is no regular file is left out with a warning, and no link is followed", async () => {
  writeFileSync(`${path}/secret`, "secret\n");
  symlinkSync("secret", `${path}/${label(10)}.s`);
  mkdirSync(`${path}/${label(20)}.s`);
  writeFileSync(`${path}/current`, lines(20, 22));
  const { texts, warnings } = await readFrom(beginning);
  expect(texts).toEqual(named(20, 22));
  expect(warnings).toEqual([10, 20].map((at) => `unable to open ${path}/${label(at)}.s: not a regular file`));
});
