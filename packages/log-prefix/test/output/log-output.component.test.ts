import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lineOutput } from "@upkeep/log-prefix/output/line-output";
import { openLogOutput } from "@upkeep/log-prefix/output/log-output";
import { makeFifo } from "@upkeep/linux/fd/fifo";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-log-output-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Waits until the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 5));
}

test("a line whose end arrives while we are held up stays whole", async () => {
  const path = join(root, "fifo");
  makeFifo(path, 0o600);
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const service = openSync(path, O_WRONLY);
  const file = join(root, "output");
  const fd = openSync(file, "w");
  const warnings: string[] = [];
  const lineTarget = lineOutput(fd, () => null);
  const output = openLogOutput({ reader, service }, "web", lineTarget, {
    warn: (warning) => warnings.push(warning),
    onRead: () => {},
  });
  const text = (): string => readFileSync(file, "utf8");
  output.setPrefix("web | ");

  writeSync(service, "whole\nbegun, ");
  await until(() => text() === "web | whole\n");
  // It is idle now. We block the loop until the pause for the end of a line is over; after that its timer comes first.
  await new Promise((done) => setTimeout(done, 50));
  await new Promise((done) => setImmediate(done));
  writeSync(service, "ended\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2100);
  await until(() => text().endsWith("ended\n"));
  expect(text()).toBe("web | whole\nweb | begun, ended\n");

  writeSync(service, "a prompt: ");
  await until(() => text().includes("a prompt"));
  expect(text()).toBe("web | whole\nweb | begun, ended\nweb | a prompt: \n");
  writeSync(service, "\nanswered\n");
  await output.close();
  expect(text()).toBe("web | whole\nweb | begun, ended\nweb | a prompt: \nweb | answered\n");
  expect(warnings).toEqual([]);
  closeSync(fd);
});
