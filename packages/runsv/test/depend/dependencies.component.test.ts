import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openServiceDirectory } from "@upkeep/service-directory/files/directory";
import { afterAll, beforeEach, expect, test } from "vitest";

import { openDependencies, siblingsOf, type Dependencies } from "../../src/depend/dependencies.ts";
import { withoutDescriptors } from "../helpers/descriptors.ts";
import { openDirectory } from "../helpers/directories.ts";
import { record, recordedPlace, runningSlot, type RecordedPlace } from "../helpers/records.ts";

const root = mkdtempSync(join(tmpdir(), "upkeep-dependencies-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let web = "";
let count = 0;
let warnings: string[] = [];

beforeEach(() => {
  web = join(root, String(count++), "web");
  mkdirSync(web, { recursive: true });
  warnings = [];
});

function open(onChange = (): void => {}): Dependencies {
  return openDependencies({
    name: "web",
    siblings: siblingsOf(web),
    service: openServiceDirectory(web, "open"),
    say: { warning: (message) => void warnings.push(message) },
    onDependencyChange: onChange,
  });
}

const none = { names: [], problem: null, note: null };

test("without a descriptor it is unknown what a service depends on", () => {
  mkdirSync(join(web, "dependencies.d"));
  writeFileSync(join(web, "dependencies.d", "db"), "");
  const dependencies = open();
  expect(withoutDescriptors(() => dependencies.check())).toEqual({
    names: ["dependencies.d"],
    problem: "unable to read it: process cannot open more files",
    note: null,
  });
  expect(dependencies.check()).toEqual({ names: ["db"], problem: 'dependency "db" does not exist', note: null });
});

test("without a descriptor one that depends on nothing still does", () => {
  const dependencies = open();
  expect(withoutDescriptors(() => dependencies.check())).toEqual(none);
  writeFileSync(join(web, "dependencies.d"), "db\n");
  expect(withoutDescriptors(() => dependencies.check())).toEqual(none);
  expect(warnings).toEqual(["unable to read dependencies.d: not a directory"]);
});

test("what cannot be read is waited for until it can", () => {
  symlinkSync("dependencies.d", join(web, "dependencies.d"));
  const dependencies = open();
  const problem = "unable to read it: symbolic link loop";
  for (let looks = 0; looks < 2; looks++) {
    expect(dependencies.check()).toEqual({ names: ["dependencies.d"], problem, note: null });
  }
  rmSync(join(web, "dependencies.d"));
  expect(dependencies.check()).toEqual(none);
});

test("a link that leads nowhere is waited for until it leads to a directory", () => {
  symlinkSync("elsewhere", join(web, "dependencies.d"));
  const dependencies = open();
  const problem = "unable to read it: file does not exist";
  expect(dependencies.check()).toEqual({ names: ["dependencies.d"], problem, note: null });
  mkdirSync(join(web, "elsewhere"));
  expect(dependencies.check()).toEqual(none);
});

test("a file in the place of the directory is told once, and no dependency", () => {
  writeFileSync(join(web, "dependencies.d"), "db\n");
  const dependencies = open();
  for (let looks = 0; looks < 2; looks++) expect(dependencies.check()).toEqual(none);
  expect(warnings).toEqual(["unable to read dependencies.d: not a directory"]);
});

/** A sibling whose supervisor says that it is ready. */
function satisfy(name: string): RecordedPlace {
  const path = join(web, "..", name);
  mkdirSync(path, { recursive: true });
  const place = recordedPlace(openDirectory(path));
  record(place, runningSlot({ pid: 77, group: 77, startTicks: 1 }));
  place.files.openOk();
  return place;
}

test("a dependency that is not satisfied is listened to until it is, or until it is forgotten", () => {
  mkdirSync(join(web, "dependencies.d"));
  writeFileSync(join(web, "dependencies.d", "db"), "");
  const supervise = join(web, "..", "db", "supervise");
  mkdirSync(supervise, { recursive: true });
  const ears = (): readonly string[] => readdirSync(join(supervise, "waiters"));
  const dependencies = open();
  expect(dependencies.check()).toEqual({ names: ["db"], problem: null, note: null });
  expect(ears()).toEqual([expect.stringMatching(new RegExp(`^web\\.${process.pid}\\.`))]);
  dependencies.forget();
  expect(ears()).toEqual([]);
  dependencies.check();
  satisfy("db");
  expect(dependencies.check()).toEqual(none);
  expect(ears()).toEqual([]);
});

test("a change of a dependency is told", async () => {
  mkdirSync(join(web, "dependencies.d"));
  writeFileSync(join(web, "dependencies.d", "db"), "");
  mkdirSync(join(web, "..", "db", "supervise"), { recursive: true });
  const changed = Promise.withResolvers<void>();
  const dependencies = open(changed.resolve);
  dependencies.check();
  satisfy("db").files.wakeWaiters();
  await changed.promise;
  expect(dependencies.check()).toEqual(none);
});

test("a cycle of services that depend on each other is the problem of each", () => {
  mkdirSync(join(web, "dependencies.d"));
  writeFileSync(join(web, "dependencies.d", "db"), "");
  mkdirSync(join(web, "..", "db", "dependencies.d"), { recursive: true });
  writeFileSync(join(web, "..", "db", "dependencies.d", "web"), "");
  const { names, problem } = open().check();
  expect(names).toEqual(["db"]);
  expect(problem).toMatch(/web.*db|db.*web/);
});
