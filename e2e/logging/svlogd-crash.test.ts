/*
 * Signals at random moments while lines come at full speed, and logs are rotated and processed. No signal loses,
 * doubles or tears a line, not even KILL. With runit's svlogd, a line that was in a log stays there, once and in place.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, vi } from "vitest";
import { Chance, during } from "../rig/core/chance.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { LogInput } from "../rig/runit/svlogd.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { keptLogs, readLog } from "../rig/runit/log-files.ts";
import { writingTo } from "../rig/process/under.ts";
import { isErrno, processState } from "../rig/process/processes.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

// This writes and reads much, beside all other tests.
vi.setConfig({ testTimeout: 400_000 });

const rounds = 8;
/** A fixed number, so that the amount does not depend on how busy the machine is. */
const linesARound = 6_000;

const lineLength = 500;

/** Reads numbers, one a line, and writes as many more numbered lines, 100 at a time. */
const numberedLines = `
  my $number = 0;
  while (defined(my $more = <STDIN>)) {
    for (; $more > 0; $more -= 100, $number += 100) {
      my $lines = join "", map { sprintf "%012d %s\\n", $_, "x" x ${lineLength - 14} } $number .. $number + 99;
      for (my $at = 0; $at < length $lines;) { $at += syswrite(STDOUT, $lines, length($lines) - $at, $at) || die }
    }
  }`;

interface Variant {
  readonly what: string;
  readonly configs: readonly string[];
  readonly options?: readonly string[];
}

const variants: readonly Variant[] = [
  { what: "with rotation", configs: ["s100000\nn0"] },
  { what: "without rotation", configs: ["s0"] },
  { what: "with time stamps, into two directories", configs: ["s500000\nn0", "s77777\nn0"], options: ["-t"] },
  { what: "with gzip as processor", configs: ["s500000\nn0\n!gzip\n"] },
  {
    what: "with a slow shell command as processor",
    configs: ["s500000\nn0\n!head -c 4096; sleep 0.02; cat"],
  },
];

for (const { what, configs, options = [] } of variants) {
  rigTest(`keeps each line once and in order whenever svlogd is killed, ${what}`, allSuites, async (rig) => {
    const chance = new Chance(rig);
    const directories = configs.map((config, at) => logDirectory(rig, `log${at}`, config).path);
    const readers = directories.map((directory) => new LogReader(directory));
    const pipe = await LogInput.make(rig);
    const logger: Logger = { words: [...options, ...directories], readers, stdin: pipe.readEnd };
    const service = await startService(rig, pipe);
    const before = readers.map((): readonly string[] => []);
    for (let round = 0; round < rounds; round += 1) {
      service.writeMore();
      const seen = round % 2 === 0 ? await killAfterLook(rig, logger, chance) : await killBlindly(rig, logger, chance);
      for (const [at, reader] of readers.entries()) {
        const after = reader.lines();
        // A line that was written in part: our next svlogd will have replaced it by the whole line.
        const kept = before[at]?.filter((line) => !rig.suite.ours || numberOf(line) !== null) ?? [];
        expectKept(kept, after);
        before[at] = after;
      }
      const kept = new Set(before[0]);
      expect(seen.filter((line) => numberOf(line) !== null && !kept.has(line))).toEqual([]);
    }
    service.end();
    const final = rig.start("svlogd", logger.words, { stdin: pipe.readEnd });
    pipe.end();
    expect(await rig.result(final)).toMatchObject({ code: 0, stderr: "" });
    pipe.close();
    for (const [at, reader] of readers.entries()) {
      if (rig.suite.ours) expectAll(reader.lines(), rounds * linesARound);
      else expectOrder(reader.lines(), rounds);
      if (rig.suite.ours && configs[at]?.includes("!") === true)
        expect(keptLogs(directories[at] ?? "").filter((name) => name.endsWith("u"))).toEqual([]);
    }
  });
}

rigTest("loses no line to TERM, HUP and ALRM at random moments", ourSuites, async (rig) => {
  const chance = new Chance(rig);
  const directory = logDirectory(rig, "log", "s500000\nn0").path;
  const reader = new LogReader(directory);
  const pipe = await LogInput.make(rig);
  const service = await startService(rig, pipe);
  for (let round = 0; round < 6; round += 1) {
    const last = reader.lastNumber();
    service.writeMore();
    const svlogd = rig.start("svlogd", [directory], { stdin: pipe.readEnd });
    await rig.until("new lines", () => reader.lastNumber() > last);
    await during(chance.below(100), async () => {
      svlogd.kill(chance.of(["SIGHUP", "SIGALRM"]));
      await sleep(chance.below(5));
    });
    svlogd.kill("SIGTERM");
    expect(await rig.result(svlogd)).toMatchObject({ code: 0, stderr: "" });
  }
  service.end();
  const final = rig.start("svlogd", [directory], { stdin: pipe.readEnd });
  pipe.close();
  expect(await rig.result(final)).toMatchObject({ code: 0, stderr: "" });
  const numbers = reader.lines().map(numberOf);
  expect(numbers.findIndex((number, at) => number !== at)).toBe(-1);
  expect(numbers).toHaveLength(6 * linesARound);
});

/** A service that writes to the pipe on demand, and has written everything when it ends. */
async function startService(
  rig: TestRig,
  pipe: LogInput,
): Promise<{ readonly writeMore: () => void; readonly end: () => void }> {
  const orders = await LogInput.make(rig);
  rig.start("perl", ["-e", numberedLines], { stdin: orders.readEnd, under: writingTo(pipe.path) });
  closeSync(orders.readEnd);
  return {
    writeMore: () => void orders.feedSome(`${linesARound}\n`),
    end: () => orders.end(),
  };
}

interface Logger {
  readonly words: readonly string[];
  readonly readers: readonly LogReader[];
  readonly stdin: number;
}

/** Starts svlogd, and kills it while it logs; returns what the logs held just before. */
async function killAfterLook(
  rig: TestRig,
  { words, readers: [reader], stdin }: Logger,
  chance: Chance,
): Promise<readonly string[]> {
  const last = reader?.lastNumber() ?? -1;
  const svlogd = rig.start("svlogd", words, { stdin });
  await rig.until("new lines", () => (reader?.lastNumber() ?? 0) > last);
  await during(chance.below(30), () => sleep(1));
  svlogd.kill("SIGSTOP");
  await rig.until("svlogd to be stopped", () => processState(svlogd.pid) === "T");
  const seen = reader?.lines() ?? [];
  svlogd.kill("SIGKILL");
  expect((await rig.result(svlogd)).signal).toBe("SIGKILL");
  return seen;
}

/** Starts svlogd under a less busy process that kills it; svlogd may not even have begun. */
async function killBlindly(rig: TestRig, { words, stdin }: Logger, chance: Chance): Promise<readonly string[]> {
  const seconds = `${(20 + chance.below(100)) / 1000}`;
  const under = ["timeout", "--foreground", "--signal=KILL", seconds];
  await rig.run("svlogd", words, { stdin, under });
  return [];
}

/** All earlier lines are still there, before any later line. */
function expectKept(before: readonly string[], after: readonly string[]): void {
  const at = before.findIndex((line, index) => line !== after[index]);
  expect(at === -1 ? undefined : { at, before: before[at], after: after[at] }).toBeUndefined();
}

/** Numbers grow; each kill leaves at most the start of a line before the cut and the end of one after it. */
function expectOrder(lines: readonly string[], kills: number): void {
  let number = -1;
  const torn: { readonly start: string[]; readonly end: string[] } = { start: [], end: [] };
  for (const line of lines) {
    const next = numberOf(line);
    if (next === null) {
      torn[/^\d{1,12}$|^\d{12} x*$/.test(line) ? "start" : "end"].push(line);
    } else {
      expect(next).toBeGreaterThan(number);
      number = next;
    }
  }
  expect(torn.start.length).toBeLessThanOrEqual(kills);
  expect(torn.end.length).toBeLessThanOrEqual(kills);
}

/** Each line is there, whole, once and in its place. */
function expectAll(lines: readonly string[], count: number): void {
  const at = lines.findIndex((line, number) => numberOf(line) !== number);
  expect(at === -1 ? undefined : { at, lines: lines.slice(Math.max(0, at - 1), at + 2) }).toBeUndefined();
  expect(lines).toHaveLength(count);
}

/** Number of a whole line; null: it is torn. */
function numberOf(line: string): number | null {
  const [, stamp = "", digits] = /^(@[0-9a-f]{24} )?(\d{12}) x+$/.exec(line) ?? [];
  return digits === undefined || line.length - stamp.length !== lineLength - 1 ? null : Number(digits);
}

/** The last line of a log that has its newline; "" without one. */
function lastWhole(path: string): string {
  return (path.endsWith("/current") ? readTail(path) : readLog(path)).toString("latin1").split("\n").at(-2) ?? "";
}

/** The end of a file that grows while it is read. */
function readTail(path: string): Buffer {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const bytes = Buffer.alloc(Math.min(size, 4 * lineLength));
  if (size === 0) return bytes;
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    // svlogd has just renamed it.
    if (isErrno(error, "ENOENT")) return bytes.subarray(0, 0);
    throw error;
  }
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, size - bytes.length));
  } finally {
    closeSync(fd);
  }
}

/** Reads the logs of a directory; a log that cannot change any more is read once. */
class LogReader {
  readonly #directory: string;
  readonly #known = new Map<string, readonly string[]>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** All lines, torn ones included, the oldest first. */
  lines(): readonly string[] {
    return [...keptLogs(this.#directory), "current"].flatMap((name) => this.#linesOf(name));
  }

  /** Number of the last whole line in the newest log that has one; -1: there is none. */
  lastNumber(): number {
    const newest = keptLogs(this.#directory).at(-1) ?? "current";
    return Math.max(...["current", newest].map((name) => numberOf(lastWhole(join(this.#directory, name))) ?? -1));
  }

  #linesOf(name: string): readonly string[] {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const lines = readLog(join(this.#directory, name)).toString("latin1").split("\n");
    if (lines.at(-1) === "") lines.pop();
    if (name !== "current") this.#known.set(name, lines);
    return lines;
  }
}
