/* Random input with random settings, read in random pieces: our svlogd makes the files that runit's makes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { readLogs } from "../rig/runit/log-files.ts";
import { ourSuites, stock } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const feeder = join(import.meta.dirname, "../rig/runit/feeder.pl");

interface Stream {
  readonly lines: readonly Uint8Array[];
  readonly endsInNewline: boolean;
  /** Where a read ends. */
  readonly cuts: readonly number[];
  readonly lineLength: number;
  /** How much longer than a line runit's buffer is. */
  readonly bufferRest: number;
  readonly stamp: string;
  readonly replacing: readonly string[];
  readonly size: number;
  readonly prefix: string;
  readonly patterns: readonly string[];
}

/** Bytes without a newline. */
const bytes = (limits: { minLength?: number; maxLength: number }): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array(limits).map((values) => values.map((byte) => (byte === 10 ? 11 : byte)));
const text = (value: string): Uint8Array => new TextEncoder().encode(value.replaceAll("\n", ""));

const line = fc.oneof(
  fc.constant(new Uint8Array()),
  fc.string({ unit: "grapheme", maxLength: 40 }).map(text),
  fc.string({ unit: fc.constantFrom("a", "b", " ", ":"), maxLength: 30 }).map(text),
  fc.string({ maxLength: 30 }).map((value) => text(`${value}\r`)),
  bytes({ maxLength: 120 }),
  // About as long as the part of a line that svlogd matches, and longer.
  fc
    .tuple(fc.constantFrom(19, 20, 21, 99, 100, 101, 300, 999, 1000, 1001, 3000), bytes({ minLength: 1, maxLength: 9 }))
    .map(([length, some]) => Uint8Array.from({ length }, (_, at) => some[at % some.length] ?? 0)),
);
/** No `+X`: at the end of a line runit's svlogd compares X with the rest of an earlier line in memory. */
const pattern = fc
  .tuple(
    fc.constantFrom("+", "-", "e", "E"),
    fc.string({ unit: fc.constantFrom("a", "b", "*", ":", " "), maxLength: 5 }),
  )
  .map(([letter, rest]) => `${letter}${rest}`);

const stream: fc.Arbitrary<Stream> = fc.record({
  lines: fc.array(line, { maxLength: 25 }),
  endsInNewline: fc.boolean(),
  cuts: fc.array(fc.nat(3000), { maxLength: 6 }),
  lineLength: fc.constantFrom(1, 20, 100, 1000),
  bufferRest: fc.constantFrom(1, 24, 4000),
  stamp: fc.constantFrom("", "-t", "-tt", "-ttt"),
  replacing: fc.constantFrom([], ["-r", "."], ["-R", "ab"], ["-r", "#", "-R", ": "]),
  size: fc.constantFrom(0, 30, 100, 121, 1000, 1100, 5000),
  prefix: fc.constantFrom("", "p", "some: "),
  patterns: fc.array(pattern, { maxLength: 3 }),
});

rigTest(
  "makes the same files as runit's of any stream, and of a last line without newline what it makes of one with it",
  ourSuites,
  async (rig) => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(stream, async (one) => {
        number += 1;
        const input = Buffer.concat(one.lines.flatMap((bytesOfLine) => [bytesOfLine, newline]));
        const ending = one.endsInNewline || input.length === 0 ? input : input.subarray(0, -1);
        // runit's svlogd drops a last line that is shorter than the part that it matches.
        const isWhole = ending.length === 0 || ending.at(-1) === 10;
        const expected = await logged(rig, `${number}-stock`, stock.command("svlogd"), isWhole ? ending : input, one);
        expect(await logged(rig, `${number}-ours`, "svlogd", ending, one)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  },
  { needs: stock.available ? undefined : stock.reason },
);

const newline = Uint8Array.of(10);

/** What svlogd makes of the stream: the logs in order, and its messages. */
async function logged(
  rig: TestRig,
  name: string,
  svlogd: string,
  input: Buffer,
  { cuts, lineLength, bufferRest, stamp, replacing, size, prefix, patterns }: Stream,
): Promise<{ readonly files: readonly string[]; readonly said: string }> {
  const config = [`s${size}`, "n0", `p${prefix}`, ...patterns];
  const path = logDirectory(rig, name, ...config).path;
  const file = rig.path(`${name}.input`);
  writeFileSync(file, input);
  const offsets = cuts.filter((at) => at < input.length).toSorted((one, other) => one - other);
  const options = [...replacing, "-l", `${lineLength}`, "-b", `${lineLength + bufferRest}`, path];
  const feed = `perl ${[feeder, file, ...offsets].join(" ")} | exec "$@"`;
  const { code, stderr } = await rig.run(svlogd, stamp === "" ? options : [stamp, ...options], {
    under: ["sh", "-c", feed, "sh"],
  });
  expect(code).toBe(0);
  return { files: masked(readLogs(path)), said: mask(stderr) };
}

/** Logs without their stamps, which a rotation may cut in two. */
function masked(files: readonly Buffer[]): readonly string[] {
  const all = mask(Buffer.concat(files).toString("latin1"));
  let from = 0;
  return files.map((file) => all.slice(from, (from += file.length)));
}

function mask(all: string): string {
  const stamp = /^(?:@[0-9a-f]{24}|\d{4}-\d\d-\d\d[_T]\d\d:\d\d:\d\d\.\d{5}) /gm;
  return all.replaceAll(stamp, `${"?".repeat(25)} `);
}
