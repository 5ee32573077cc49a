import { chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { bootMillis } from "@upkeep/linux/time/clock";
import { afterAll, expect, test } from "vitest";

import { findInheritances, identityOf } from "../../src/adopt/find.ts";
import { endedSlot, record, runningSlot, slotWithLeftovers } from "../helpers/records.ts";
import { asProcess, openSearch, otherParent, parent, system } from "../helpers/search.ts";
import { until } from "../helpers/until.ts";

const search = openSearch("records");
afterAll(search.end);

test("where nothing is on record nothing is inherited", () => {
  expect(search.findBoth(search.make(), search.make("log"))).toEqual({
    service: null,
    log: null,
  });
});

test("a ./run that lives is inherited and held, by a supervisor with another parent, too", () => {
  const place = search.make();
  const process = asProcess(search.start("exec sleep 1000"));
  record(place, runningSlot(process));
  const claim = { kind: "run", process };
  expect(search.find(place)).toMatchObject({ claim, isAlive: true, isReplaced: true, held: { pid: process.pid } });
  expect(search.find(place, otherParent)).toMatchObject({ claim, isAlive: true, isReplaced: false });
});

test("a process with another start time is not the one on record", () => {
  const place = search.make();
  const process = asProcess(search.start("exec sleep 1000"));
  record(place, runningSlot({ ...process, startTicks: process.startTicks - 1 }));
  expect(search.find(place)).toMatchObject({ claim: { kind: "run" }, isAlive: false, held: null, isReplaced: true });
  expect(search.find(place, otherParent)).toBeNull();
});

test("a process that has ended is inherited as one that has ended by the replacement only", async () => {
  const place = search.make();
  const child = search.start("read line; exit", "/", ["pipe", "pipe", "ignore"]);
  record(place, runningSlot(asProcess(child)));
  process.kill(child.pid, "SIGKILL");
  await until(() => child.hasEnded());
  expect(search.find(place)).toMatchObject({ claim: { kind: "run" }, isAlive: false, held: null });
  expect(search.find(place, otherParent)).toBeNull();
});

test("records of another run of the system, or of another service, mean nothing", () => {
  const place = search.make();
  record(place, runningSlot(asProcess(search.start("exec sleep 1000"))));
  expect(search.find(place, parent, "another run")).toBeNull();
  expect(search.find(place, parent, null)).toBeNull();
  const other = { name: "other", superviseDirectory: identityOf(search.make().files) };
  expect(findInheritances(place, null, other, system, { self: null, parent }).service).toBeNull();
  expect(search.find(place)).not.toBeNull();
});

const isRoot = process.geteuid?.() === 0;
if (!isRoot) console.warn("skipped, since only root can give a file away: records of another user mean nothing");

test.skipIf(!isRoot)("records of another user mean nothing", () => {
  const place = search.make();
  record(place, runningSlot(asProcess(search.start("exec sleep 1000"))));
  expect(search.find(place)).not.toBeNull();
  chownSync(join(place.real.path, "supervise/state.json"), 65_534, 65_534);
  expect(search.find(place)).toBeNull();
});

test("records that cannot be read, or make no sense, mean nothing", () => {
  const place = search.make();
  const supervise = join(place.real.path, "supervise");
  const damages: readonly (() => void)[] = [
    () => writeFileSync(join(supervise, "state.json"), "{"),
    () => rmSync(join(supervise, "state.json")),
    () => writeFileSync(join(supervise, "status"), "short"),
    () => rmSync(join(supervise, "status")),
    () => {
      rmSync(join(supervise, "status"));
      mkdirSync(join(supervise, "status"));
    },
  ];
  for (const damage of damages) {
    rmSync(join(supervise, "status"), { recursive: true, force: true });
    place.files.close();
    place.files.openLock();
    record(place, runningSlot(asProcess(search.start("exec sleep 1000"))));
    expect(search.find(place)).not.toBeNull();
    damage();
    expect(search.find(place)).toBeNull();
  }
});

test("leftovers are inherited as long as a member of their session is there", async () => {
  const place = search.make();
  const child = search.start("sleep 1000 & echo $!");
  await until(() => child.hasEnded() && child.text() !== "");
  const bornAt = bootMillis();
  record(place, slotWithLeftovers(child.pid, Math.floor(bornAt)));
  const claim = { kind: "leftovers", group: child.pid };
  expect(search.find(place, otherParent)).toMatchObject({ claim, isAlive: true, held: null });
  // The group on record was there before this one was: the number has been given away anew.
  record(place, slotWithLeftovers(child.pid, 1));
  expect(search.find(place, otherParent)).toBeNull();
  record(place, slotWithLeftovers(child.pid, Math.floor(bornAt)));
  process.kill(-child.pid, "SIGKILL");
  await until(() => search.find(place, otherParent) === null);
  expect(search.find(place)).toMatchObject({ claim, isAlive: false });
});

test("a ./run that has ended on record still needs its ./finish, from the replacement only", () => {
  const place = search.make();
  record(place, endedSlot());
  expect(search.find(place)).toMatchObject({ claim: { kind: "ended" }, isAlive: false, held: null });
  expect(search.find(place, otherParent)).toBeNull();
});

test("service and log each inherit their own, and the log is not replaced without its service", () => {
  const service = search.make();
  const log = search.make("log");
  const [own, logs] = [asProcess(search.start("exec sleep 1000")), asProcess(search.start("exec sleep 1000"))];
  record(service, runningSlot(own), {
    supervisor: { pid: 9, startTicks: 90, parent: otherParent, session: 5, group: 6 },
  });
  record(log, runningSlot(logs, "log"));
  const found = search.findBoth(service, log);
  expect(found.service).toMatchObject({ claim: { process: own }, isReplaced: false });
  expect(found.log).toMatchObject({ claim: { process: logs }, isReplaced: false });
});
