import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { sharedLineOutput } from "@upkeep/log-prefix/output/line-output";
import { expect, test } from "vitest";

test("each writes when the batch of the one before is written", async () => {
  const { read, write } = createPipe();
  const output = sharedLineOutput(write, () => null);
  const large = Buffer.alloc(1 << 20, "a\n");
  const done: string[] = [];
  const finish = (name: string, go: () => boolean) => (): void => {
    if (go()) done.push(name);
  };
  const one = output.createWriter(
    () => finish("one", () => one.go())(),
    () => {},
  );
  const other = output.createWriter(
    () => finish("other", () => other.go())(),
    () => {},
  );
  one.start(large);
  expect(one.go()).toBe(false);
  other.start(Buffer.from("b\n"));
  expect(other.go()).toBe(false);
  const bytes = Buffer.alloc(1 << 16);
  let text = "";
  while (done.length < 2) {
    const count = readAvailable(read, bytes.subarray(0, 4096));
    text += bytes.toString("latin1", 0, Math.max(count, 0));
    if (done.length === 0) await new Promise((resolve) => setImmediate(resolve));
    else await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(done).toEqual(["one", "other"]);
  closeSync(read);
  expect(text).not.toMatch(/b\na/);
});

test("who gives up in the middle lets the next one write", () => {
  const directory = mkdtempSync(join(tmpdir(), "line-output-"));
  const path = join(directory, "file");
  const fd = openSync(path, "w");
  const output = sharedLineOutput(fd, () => null);
  const [one, other] = [1, 2].map(() =>
    output.createWriter(
      () => {},
      () => {},
    ),
  );
  one?.start(Buffer.from("a\n"));
  one?.drop();
  other?.start(Buffer.from("b\n"));
  expect(other?.go()).toBe(true);
  expect(readFileSync(path, "utf8")).toBe("b\n");
  closeSync(fd);
  rmSync(directory, { recursive: true });
});
