import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

import { makeFifo } from "@upkeep/linux/fd/fifo";
import { readLinkOrNull } from "@upkeep/linux/fd/files";
import { lineOutput } from "@upkeep/log-prefix/output/line-output";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { afterAll, afterEach, expect, test } from "vitest";

import { uncontained } from "../../src/engine/contain.ts";
import { createLogPipe, createServiceOutput, type ServiceOutput } from "../../src/engine/output.ts";
import { createSuperviseFiles } from "../../src/engine/supervise-files.ts";
import { recordDiagnostics } from "../helpers/diagnostics.ts";
import { makeDirectories, type RealDirectory } from "../helpers/directories.ts";
import { until } from "../helpers/until.ts";

const directories = makeDirectories("output");
afterAll(directories.remove);
afterEach(() => delete process.env["UPKEEP_PREFIX_LOGS"]);

interface Rig extends RealDirectory {
  readonly output: ServiceOutput;
  readonly said: string[];
  /** The file that stands for our standard output. */
  readonly standardOutput: number;
  /** Path of the FIFO that a service with a prefix writes to. */
  readonly fifo: string;
  /** What has come to our standard output. */
  text(): string;
}

function open(logPipe: Pipe | null = null): Rig {
  const place = directories.make();
  const file = join(place.path, "output");
  const standardOutput = openSync(file, "w");
  const files = createSuperviseFiles(place.directory, "");
  files.openLock();
  const { say, said } = recordDiagnostics();
  const ports = {
    directory: place.directory,
    files,
    logPipe,
    name: "app",
    say,
    standardOutput: lineOutput(standardOutput, () => null),
    standardError: 2,
    contain: uncontained,
  };
  return {
    ...place,
    output: createServiceOutput(ports),
    said,
    standardOutput,
    fifo: join(place.path, "supervise/private/stdout"),
    text: () => readFileSync(file, "utf8"),
  };
}

test("without a prefix a service writes to our own descriptors, and no FIFO is made", () => {
  const { output, standardOutput, fifo, said } = open();
  expect(output.prepare()).toEqual([0, standardOutput, 2]);
  expect(output.stdio()).toEqual([0, standardOutput, 2]);
  expect(() => readFileSync(fifo)).toThrow("ENOENT");
  expect(said).toEqual([]);
});

test("a service with a log writes to its log, whatever log-prefix says", () => {
  const { output, write } = open({ read: 31, write: 32 });
  write("log-prefix", "x ");
  expect(output.prepare()).toEqual([0, 32, 2]);
});

test("log-prefix is read at each start", async () => {
  const { output, write, remove, standardOutput, text } = open();
  write("log-prefix", "");
  const [, first, error] = output.prepare();
  expect(error).toBe(first);
  expect(output.stdio()).toEqual([0, first, first]);
  writeSync(first, "one\n");
  await until(() => text() === "app | one\n");
  write("log-prefix", "web: ");
  expect(output.stdio()).toEqual([0, first, first]);
  expect(output.prepare()).toEqual([0, first, first]);
  writeSync(first, "two\n");
  await until(() => text() === "app | one\nweb: two\n");
  remove("log-prefix");
  expect(output.prepare()).toEqual([0, standardOutput, 2]);
  expect(output.stdio()).toEqual([0, standardOutput, 2]);
  // What an earlier start has left running still writes to the FIFO.
  writeSync(first, "three\n");
  await until(() => text().endsWith("three\n"));
  await output.close();
});

test("UPKEEP_PREFIX_LOGS puts a prefix before the lines of every service, unless log-prefix says which", async () => {
  const { output, write, text } = open();
  process.env["UPKEEP_PREFIX_LOGS"] = "1";
  const [, fd] = output.prepare();
  writeSync(fd, "one\n");
  await until(() => text() === "app | one\n");
  write("log-prefix", "web: ");
  output.prepare();
  writeSync(fd, "two\n");
  await until(() => text() === "app | one\nweb: two\n");
  await output.close();
});

test("a log-prefix that cannot be read is warned of, and the output is plain", () => {
  const { output, path, said, standardOutput } = open();
  mkdirSync(join(path, "log-prefix"));
  expect(output.prepare()).toEqual([0, standardOutput, 2]);
  expect(said).toEqual(["warning: unable to read log-prefix: is a directory"]);
});

test("where there can be no FIFO the output is plain, which is said once", async () => {
  const { output, fifo, write, remove, said, standardOutput, text } = open();
  write("log-prefix", "");
  mkdirSync(join(fifo, ".."), 0o700);
  writeFileSync(fifo, "");
  for (let start = 0; start < 3; start++) expect(output.prepare()).toEqual([0, standardOutput, 2]);
  expect(output.stdio()).toEqual([0, standardOutput, 2]);
  expect(said).toEqual(["warning: supervise/private/stdout exists but is not a fifo"]);
  remove("supervise");
  output.prepare();
  output.prepare();
  expect(said.slice(1)).toEqual(["warning: unable to create supervise/private: file does not exist"]);
  mkdirSync(join(fifo, "../.."));
  const [, fd] = output.prepare();
  writeSync(fd, "mended\n");
  await until(() => text() === "app | mended\n");
  expect(said).toHaveLength(2);
  await output.close();
});

test("the end of a process completes its last line", async () => {
  const { output, write, text } = open();
  write("log-prefix", "");
  const [, fd] = output.prepare();
  writeSync(fd, "half");
  // Without the end of a process an unfinished line is shown, too, but only after two seconds.
  output.processEnded();
  expect(text()).toBe("app | half\n");
  await output.close();
});

test("what is still on its way is written at the end", async () => {
  const { output, write, text } = open();
  write("log-prefix", "");
  const [, fd] = output.prepare();
  writeSync(fd, "one\nhalf");
  await output.close();
  expect(text()).toBe("app | one\napp | half\n");
});

test("without a prefix there is nothing to complete or to write at the end", async () => {
  const { output, text } = open();
  output.prepare();
  output.processEnded();
  await output.close();
  expect(text()).toBe("");
});

test("an adopted ./run goes on behind its prefix, with what waits in the FIFO", async () => {
  const { output, write, fifo, text } = open();
  write("log-prefix", "");
  const fd = openFifo(fifo);
  writeSync(fd, "before\n");
  output.resume();
  expect(readLinkOrNull(`/proc/self/fd/${output.stdio()[1]}`)).toBe(fifo);
  writeSync(fd, "after\n");
  await until(() => text() === "app | before\napp | after\n");
  closeSync(fd);
  await output.close();
});

test("an adopted ./run is read although log-prefix is gone, and the next start is plain", async () => {
  const { output, fifo, standardOutput, text } = open();
  const fd = openFifo(fifo);
  writeSync(fd, "before\n");
  output.resume();
  expect(output.stdio()).toEqual([0, standardOutput, 2]);
  await until(() => text() === "before\n");
  expect(output.prepare()).toEqual([0, standardOutput, 2]);
  writeSync(fd, "after\n");
  await until(() => text() === "before\nafter\n");
  closeSync(fd);
  await output.close();
});

test("an adopted ./run without a FIFO gets none", () => {
  const { output, fifo, said } = open();
  output.resume();
  expect(() => readFileSync(fifo)).toThrow("ENOENT");
  mkdirSync(join(fifo, ".."), 0o700);
  writeFileSync(fifo, "no fifo");
  output.resume();
  expect(readFileSync(fifo, "utf8")).toBe("no fifo");
  expect(said).toEqual([]);
});

test("everybody may open the log pipe for writing, and nobody else for reading", () => {
  const pipe = createLogPipe();
  expect(fstatSync(pipe.write).mode & 0o777).toBe(0o622);
  closeSync(pipe.write);
  closeSync(pipe.read);
});

/** The FIFO that a former supervisor has left, as the adopted process has it open. */
function openFifo(path: string): number {
  mkdirSync(join(path, ".."), 0o700);
  makeFifo(path, 0o600);
  return openSync(path, constants.O_RDWR);
}
