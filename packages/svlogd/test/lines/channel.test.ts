import type { WallTime } from "@upkeep/supervise/core/tai64n";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createChannel } from "../../src/lines/channel.ts";
import { defaultConfig, type LogConfig } from "../../src/core/config.ts";
import { renderStamp, type StampStyle } from "../../src/core/stamp.ts";
import { replacementTable } from "../../src/lines/replace.ts";
import { matches } from "../../src/core/match.ts";
import { createSplitter } from "../../src/lines/splitter.ts";

interface Setting {
  readonly stamp: StampStyle;
  readonly lineLength: number;
  readonly chunk: number;
  readonly prefix: string;
  readonly replacement: number | null;
  readonly alsoReplaced: string;
  /** Patterns with their letters: `-*`. */
  readonly patterns: readonly string[];
  readonly udp: "u" | "U" | null;
}

/** What has come out of a channel. */
interface Outcome {
  readonly log: string;
  readonly stderr: readonly string[];
  readonly udp: readonly string[];
  readonly lastLine: string;
}

/** Read number N is at N seconds. */
const timeOf = (number: number): WallTime => ({ seconds: 1_700_000_000 + number, nanoseconds: number * 1000 });

function rulesOf(patterns: readonly string[], letters: string): LogConfig["logRules"] {
  return patterns
    .filter((pattern) => letters.includes(pattern.charAt(0)))
    .map((pattern) => ({ selects: pattern.startsWith(letters.charAt(0)), pattern: Buffer.from(pattern.slice(1)) }));
}

/** Takes reads through a splitter and a channel. */
function run(reads: readonly Uint8Array[], setting: Setting): Outcome {
  const outcome = { log: "", stderr: [] as string[], udp: [] as string[], lastLine: "" };
  const { stamp, lineLength, chunk } = setting;
  const config: LogConfig = {
    ...defaultConfig,
    prefix: Buffer.from(setting.prefix),
    logRules: rulesOf(setting.patterns, "+-"),
    stderrRules: rulesOf(setting.patterns, "eE"),
    udp: setting.udp === null ? null : { address: "::1", family: 6, port: 1, isOnly: setting.udp === "U" },
    lastLineFile: "last",
  };
  const channel = createChannel({ stamp, lineLength }, config, {
    log: (bytes, from, to) => (outcome.log += bytes.toString("latin1", from, to)),
    stderr: (line) => outcome.stderr.push(line.toString("latin1")),
    udp: (line) => outcome.udp.push(line.toString("latin1")),
    lastLine: (line) => (outcome.lastLine = line.toString("latin1")),
  });
  const table = replacementTable(setting.replacement, Buffer.from(setting.alsoReplaced));
  const splitter = createSplitter(channel, { lineLength, table, chunk });
  for (const [number, read] of reads.entries()) {
    splitter.space().set(read);
    splitter.received(read.length, timeOf(number));
  }
  splitter.end();
  return outcome;
}

/** What should have come out: line by line, byte by byte. */
function model(reads: readonly Uint8Array[], setting: Setting): Outcome {
  const lines: { bytes: number[]; since: number; isOpen: boolean }[] = [];
  for (const [number, read] of reads.entries()) {
    for (const byte of read) {
      if (lines.at(-1)?.isOpen !== true) lines.push({ bytes: [], since: number, isOpen: true });
      const line = lines.at(-1);
      if (line === undefined) continue;
      if (byte === 10) line.isOpen = false;
      else line.bytes.push(line.bytes.length < setting.lineLength ? replaced(byte, setting) : byte);
    }
  }
  const outcome = { log: "", stderr: [] as string[], udp: [] as string[], lastLine: "" };
  for (const { bytes, since } of lines) {
    const head = `${renderStamp(setting.stamp, timeOf(since))}${setting.prefix}`;
    const looked = Buffer.from(bytes.slice(0, setting.lineLength));
    const copy = `${head}${looked.toString("latin1")}${bytes.length >= setting.lineLength ? "..." : ""}\n`;
    const chosen = (letters: string, byDefault: boolean): boolean =>
      rulesOf(setting.patterns, letters).findLast(({ pattern }) => matches(pattern, looked, 0, looked.length))
        ?.selects ?? byDefault;
    if (chosen("eE", false)) outcome.stderr.push(copy);
    if (!chosen("+-", true)) continue;
    if (setting.udp !== null) outcome.udp.push(copy);
    if (setting.udp === "U") continue;
    outcome.log += `${head}${Buffer.from(bytes).toString("latin1")}\n`;
    outcome.lastLine = copy;
  }
  return outcome;
}

function replaced(byte: number, { replacement, alsoReplaced }: Setting): number {
  if (replacement === null) return byte;
  return byte < 32 || byte > 126 || alsoReplaced.includes(String.fromCodePoint(byte)) ? replacement : byte;
}

describe("createChannel behind a splitter", () => {
  const byte = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(10, 13, 0x61, 0x62) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
  );
  const chunk = 40;
  const reads = fc.array(
    fc.array(byte, { minLength: 1, maxLength: chunk }).map((values) => Uint8Array.from(values)),
    { maxLength: 10 },
  );
  const settings: fc.Arbitrary<Setting> = fc.record({
    stamp: fc.constantFrom<StampStyle>(0, 1, 2, 3),
    lineLength: fc.integer({ min: 1, max: 60 }),
    chunk: fc.constant(chunk),
    prefix: fc.constantFrom("", "p", "a prefix: "),
    replacement: fc.constantFrom(null, 0x5f, 0x61),
    alsoReplaced: fc.constantFrom("", "b", "a\r"),
    patterns: fc.array(fc.constantFrom("-*", "+a*", "-*b*", "++a", "-", "e*", "Ea*", "e+b"), { maxLength: 3 }),
    udp: fc.constantFrom(null, "u" as const, "U" as const),
  });

  test("gives every line the time of its first byte, and each sink what it should have, wherever reads end", () => {
    fc.assert(
      fc.property(reads, settings, (input, setting) => {
        expect(run(input, setting)).toEqual(model(input, setting));
      }),
      { numRuns: 500 },
    );
  });

  test("puts more lines together than there is room for at a time", () => {
    const setting = { ...plain, stamp: 2, chunk: 600_000 } as const;
    const input = [Buffer.from(`${"y".repeat(300_000)}\n${"\n".repeat(30_000)}${"z".repeat(200)}\n`)];
    expect(run(input, setting)).toEqual(model(input, setting));
  });
});

const plain: Setting = {
  stamp: 0,
  lineLength: 1000,
  chunk: 4096,
  prefix: "",
  replacement: null,
  alsoReplaced: "",
  patterns: [],
  udp: null,
};
