import { copyFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { findSibling, needsOfSibling } from "../../src/depend/sibling.ts";
import { makeDirectories } from "../helpers/directories.ts";
import { record, recordedPlace, runningSlot, type RecordedPlace } from "../helpers/records.ts";
import { World } from "../helpers/world.ts";

const directories = makeDirectories("sibling");
afterAll(directories.remove);

const run = { pid: 77, group: 77, startTicks: 1 };
const down = new World({ down: true }).state.service;
const waiting = { kind: "unsatisfied", problem: null, note: null };

/** A service with a supervisor, which has it on record as it is. */
function supervised(slot = runningSlot(run)): RecordedPlace {
  const place = recordedPlace(directories.make());
  record(place, slot);
  place.files.openOk();
  return place;
}

test("what is no directory is missing", () => {
  const { path, write } = directories.make();
  write("file", "");
  expect(findSibling(null)).toEqual({ kind: "missing" });
  expect(findSibling(join(path, "nothing"))).toEqual({ kind: "missing" });
  expect(findSibling(join(path, "file"))).toEqual({ kind: "missing" });
});

test("a service that is ready is satisfied as long as it has a supervisor", () => {
  const { real, files } = supervised();
  expect(findSibling(real.path)).toEqual({ kind: "satisfied" });
  files.close();
  expect(findSibling(real.path)).toEqual(waiting);
});

test("a directory without a supervisor is not satisfied yet", () => {
  expect(findSibling(directories.make().path)).toEqual(waiting);
});

test("a service that is wanted down is a problem", () => {
  expect(findSibling(supervised(down).real.path)).toEqual({ ...waiting, problem: "is down" });
});

test("a status that means nothing is not satisfied", () => {
  const { real } = supervised();
  writeFileSync(join(real.path, "supervise/status"), "short");
  expect(findSibling(real.path)).toEqual(waiting);
});

test("without state.json a service that runs is satisfied, as under runit", () => {
  const { real } = supervised();
  real.remove("supervise/state.json");
  expect(findSibling(real.path)).toEqual({ kind: "satisfied" });
});

test("a state.json of another state is waited for, and after ten seconds taken for that of somebody else", () => {
  const { real } = supervised();
  const { real: other } = supervised(down);
  copyFileSync(join(other.path, "supervise/state.json"), join(real.path, "supervise/state.json"));
  expect(findSibling(real.path)).toEqual(waiting);
  const past = Date.now() / 1000 - 11;
  utimesSync(join(real.path, "supervise/status"), past, past);
  expect(findSibling(real.path)).toEqual({ kind: "satisfied" });
});

test("what a sibling needs itself is nothing where that cannot be read", () => {
  const { path, write } = directories.make();
  expect(needsOfSibling(path)).toEqual([]);
  expect(needsOfSibling(null)).toEqual([]);
  write("dependencies.d/db", "");
  expect(needsOfSibling(path)).toEqual(["db"]);
  const file = directories.make();
  file.write("dependencies.d", "");
  expect(needsOfSibling(file.path)).toEqual([]);
});
