import { bootMillis } from "@upkeep/linux/time/clock";
import { decodeStatus } from "@upkeep/supervise/core/status";
import { afterAll, expect, test } from "vitest";

import { findStarted } from "../../src/adopt/find.ts";
import { decodeFormer, type Starting } from "../../src/core/adopt/record.ts";
import { renderStatus } from "../../src/core/status.ts";
import { endedSlot, momentAt, record, type RecordedPlace } from "../helpers/records.ts";
import { openSearch, otherParent } from "../helpers/search.ts";
import { World } from "../helpers/world.ts";

const search = openSearch("starting");
afterAll(search.end);

test("a child that is being born is found by the second search, which is for young ones only", () => {
  const { real, directory } = search.make();
  const { service } = new World().state;
  const files = renderStatus(service, "app", {
    system: "x",
    superviseDirectory: null,
    logPipe: null,
    supervisor: null,
  });
  const status = decodeStatus(files.status);
  const former = status === null ? null : decodeFormer(files["state.json"], status);
  if (former === null) return expect.unreachable();
  const place = { slot: "service", directory, hasSession: true } as const;
  const starting: Starting = { what: "run", at: bootMillis(), since: { seconds: 0, nanoseconds: 0 }, pid: null };
  const waits: number[] = [];
  let born = 0;
  const birth = (millis: number): void => {
    waits.push(millis);
    born = search.startOrphan(real.path);
  };
  expect(findStarted(former, { ...starting, at: starting.at - 1000 }, place, birth)).toBeNull();
  expect(waits).toEqual([]);
  let now: Starting = starting;
  let found: ReturnType<typeof findStarted> = null;
  // A machine that stands still for a second makes the child too old for a second look; but not each time.
  for (let attempts = 6; waits.length === 0 && attempts > 0; attempts -= 1) {
    now = { ...starting, at: bootMillis() };
    found = findStarted(former, now, place, birth);
  }
  expect(found).toMatchObject({ pid: born, group: born });
  expect(waits).toEqual([50]);
  expect(findStarted(former, now, place, birth)).toMatchObject({ pid: born });
  expect(waits).toEqual([50]);
});

/** Puts on record that a process is about to be started, now. */
function recordStart(place: RecordedPlace, what: "run" | "finish"): void {
  const slot = what === "run" ? new World({ down: true }).state.service : endedSlot();
  record(place, slot, {}, { what, at: momentAt(bootMillis()), slot });
}

test("a process that was about to be started is found by its directory, and counts as started", () => {
  for (const what of ["run", "finish"] as const) {
    const place = search.make();
    recordStart(place, what);
    const pid = search.startOrphan(place.real.path);
    const found = search.find(place);
    expect(found).toMatchObject({ claim: { kind: what, process: { pid, group: pid } }, isAlive: true });
    expect(found?.held?.pid).toBe(pid);
    expect(found?.former.state.slot.starts).toBe(what === "run" ? 1 : endedSlot().starts);
  }
});

test("of two processes that may be the one that was about to be started none is taken", () => {
  const place = search.make();
  recordStart(place, "run");
  search.startOrphan(place.real.path);
  search.startOrphan(place.real.path);
  expect(search.find(place, otherParent)).toBeNull();
  expect(search.find(place)).toMatchObject({ claim: null, isAlive: false, held: null });
});

test("a process elsewhere is not the one that was about to be started", () => {
  const place = search.make();
  recordStart(place, "run");
  search.startOrphan(search.make().real.path);
  expect(search.find(place, otherParent)).toBeNull();
});

test("without a process a ./finish that was about to be started is run again, and a ./run is not taken for ended", () => {
  const [run, finish] = [search.make(), search.make()];
  recordStart(run, "run");
  recordStart(finish, "finish");
  expect(search.find(run)).toMatchObject({ claim: null, isAlive: false });
  expect(search.find(finish)).toMatchObject({ claim: { kind: "ended" }, isAlive: false });
});
