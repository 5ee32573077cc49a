import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openServiceDirectory } from "@upkeep/service-directory/files/directory";
import { readSettings, type StartSettings } from "@upkeep/service-directory/files/settings";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-settings-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;

/** Reads a directory with these files, and what is said of them. */
function read(files: Readonly<Record<string, string>>, modes: Readonly<Record<string, number>> = {}) {
  const path = join(root, String(count++));
  mkdirSync(path);
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(path, name), text, { mode: modes[name] ?? 0o644 });
  const warnings: string[] = [];
  const settings: StartSettings = readSettings(openServiceDirectory(path, "open"), "service", (message) => {
    warnings.push(message);
  });
  return { settings, warnings };
}

const pointless = "flag-critical: without restart or restart-limit no failure is for good";

test.each<[Readonly<Record<string, string>>, string, readonly string[]]>([
  [{}, "no", []],
  [{ "flag-critical": "" }, "failure", [pointless]],
  [{ "flag-critical": "any-exit\n" }, "any-exit", []],
  [{ "flag-critical": "", restart: "on-failure" }, "failure", []],
  [{ "flag-critical": "", "restart-limit": "5 60" }, "failure", []],
  [
    { "flag-critical": "yes", restart: "never" },
    "failure",
    ['flag-critical: "yes" is not empty or "any-exit", taken as empty'],
  ],
])("how critical %j is", (files, critical, warnings) => {
  const found = read(files);
  expect(found.settings.policy.critical).toBe(critical);
  expect(found.warnings).toEqual(warnings);
});

test("a check that is not executable is as if it were not there", () => {
  const files = { check: "#!/bin/sh\n", "ready-after": "700" };
  const uptime = { kind: "ready-after", millis: 700 };
  const denied = read(files);
  expect(denied.settings.readiness).toEqual(uptime);
  expect(denied.warnings).toEqual(["check: is not executable, ignored"]);
  const allowed = read(files, { check: 0o755 });
  expect(allowed.settings.readiness).toEqual({ kind: "check", otherwise: uptime });
  expect(allowed.warnings).toEqual([]);
});

test("a check that nobody asks is nobody's business", () => {
  const { settings, warnings } = read({ check: "#!/bin/sh\n", "notification-fd": "3" });
  expect(settings.readiness).toEqual({ kind: "notification-fd", fd: 3 });
  expect(warnings).toEqual([]);
});
