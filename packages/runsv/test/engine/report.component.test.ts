import { closeSync } from "node:fs";

import { createPipe } from "@upkeep/linux/fd/pipe";
import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { afterEach, expect, test } from "vitest";

import { openEvents } from "@upkeep/supervise/parent/events";

import { reportTo } from "../../src/engine/report.ts";

const variable = "UPKEEP_EVENTS_FD";
const before = process.env[variable];
afterEach(() => {
  if (before === undefined) delete process.env[variable];
  else process.env[variable] = before;
});

test("each event names the service and how it ended", () => {
  const { read, write } = createPipe();
  setNonBlocking(read, true);
  process.env[variable] = String(write);
  const report = reportTo("app", "./services/app", openEvents());
  report("ready", null, false);
  report("exit", { kind: "exited", code: 3 }, true);
  report("exit", { kind: "killed", signal: 9, core: false }, false);
  report("exit", { kind: "unknown" }, false);
  report("failed", null, false);
  const bytes = new Uint8Array(4096);
  const lines = new TextDecoder()
    .decode(bytes.subarray(0, readAvailable(read, bytes)))
    .trimEnd()
    .split("\n");
  const common = { service: "app", directory: "./services/app", code: null, signal: null, critical: false };
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { ...common, event: "ready" },
    { ...common, event: "exit", code: 3, critical: true },
    { ...common, event: "exit", signal: 9 },
    { ...common, event: "exit" },
    // A start that failed counts as code 111.
    { ...common, event: "failed", code: 111 },
  ]);
  closeSync(read);
  closeSync(write);
});

test("a parent that wants no events gets none", () => {
  delete process.env[variable];
  expect(() => reportTo("app", "app", openEvents())("ready", null, false)).not.toThrow();
});
