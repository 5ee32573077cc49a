import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lineOutput } from "@upkeep/log-prefix/output/line-output";
import { type BatchWriter, createBatchWriter, Troubles } from "@upkeep/log-prefix/output/batch-writer";
import { errno, SystemError } from "@upkeep/linux/core/errno";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-batches-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Watched {
  readonly writer: BatchWriter;
  readonly said: readonly string[];
  readonly retries: () => number;
}

function open(fd: number): Watched {
  const said: string[] = [];
  let retries = 0;
  const troubles = new Troubles((message) => said.push(message));
  const retryLater = (): void => void retries++;
  return {
    writer: createBatchWriter(
      lineOutput(fd, () => null),
      { troubles, onProgress: () => {}, retryLater },
    ),
    said,
    retries: () => retries,
  };
}

test("a batch is written whole, and no batch is nothing to write", () => {
  const path = join(root, "whole");
  const fd = openSync(path, "w");
  const { writer, said } = open(fd);
  expect(writer.resume()).toBe(true);
  expect(writer.write(new Uint8Array())).toBe(true);
  expect(writer.write(Buffer.from("one\ntwo\n"))).toBe(true);
  expect(readFileSync(path, "latin1")).toBe("one\ntwo\n");
  expect(said).toEqual([]);
  closeSync(fd);
});

test("a full disk is told once, and tried again", () => {
  const fd = openSync("/dev/full", "w");
  const { writer, said, retries } = open(fd);
  expect(writer.write(Buffer.from("one\n"))).toBe(false);
  expect(writer.resume()).toBe(false);
  expect(said).toEqual(["unable to write to standard output: out of disk space"]);
  expect(retries()).toBe(2);
  closeSync(fd);
});

test("what nobody reads any more is given up, and what follows is tried", () => {
  const pipe = createPipe();
  const { writer, said, retries } = open(pipe.write);
  closeSync(pipe.read);
  expect(writer.write(Buffer.from("one\n"))).toBe(true);
  expect(writer.write(Buffer.from("two\n"))).toBe(true);
  expect(said).toHaveLength(1);
  expect(retries()).toBe(0);
  closeSync(pipe.write);
});

test("a trouble is told again after it was over; what is no trouble of the system is thrown on", () => {
  const said: string[] = [];
  const troubles = new Troubles((message) => said.push(message));
  const full = new SystemError("write descriptor 5", errno.ENOSPC);
  for (const error of [full, full, new SystemError("write descriptor 5", errno.EIO)]) troubles.tell("write", error);
  troubles.clear();
  troubles.tell("write", full);
  expect(said).toEqual([
    "unable to write: out of disk space",
    "unable to write: input/output error",
    "unable to write: out of disk space",
  ]);
  expect(() => troubles.tell("write", new TypeError("a defect"))).toThrow("a defect");
});
