import { spawnSync } from "node:child_process";
import { chownSync, closeSync, fstatSync, mkdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

import { createPipe } from "@upkeep/linux/fd/pipe";
import type { HeldProcess } from "@upkeep/linux/process/held-process";
import { processInfo } from "@upkeep/linux/process/process-info";
import { bootMillis } from "@upkeep/linux/time/clock";
import { decodeStatus } from "@upkeep/supervise/core/status";
import { afterAll, expect, test } from "vitest";

import { findInheritances, findLogPipe, findStarted, type Inheritance } from "../../src/adopt/find.ts";
import { decodeFormer, type Starting } from "../../src/core/adopt/record.ts";
import type { Process } from "../../src/core/moment.ts";
import { renderStatus } from "../../src/core/status.ts";
import { startChildren, type Child } from "../helpers/child.ts";
import { countDescriptors } from "../helpers/descriptors.ts";
import { makeDirectories } from "../helpers/directories.ts";
import {
  endedSlot,
  formerSupervision,
  momentAt,
  record,
  recordedPlace,
  runningSlot,
  slotWithLeftovers,
  type RecordedPlace,
} from "../helpers/records.ts";
import { until } from "../helpers/until.ts";
import { World } from "../helpers/world.ts";

const directories = makeDirectories("search");
const children = startChildren();
const started: number[] = [];
const held: HeldProcess[] = [];
afterAll(() => {
  for (const process of held) process.close();
  for (const pid of started) process.kill(pid, "SIGKILL");
  children.end();
  directories.remove();
});

const system = formerSupervision.system ?? "";
/** The parent of the former supervisor; ours is the same where we replace it. */
const parent = formerSupervision.supervisor?.parent ?? "";
const otherParent = "8 80";

/** A `./run` without a supervisor, once it leads its session and its parent has gone. */
function startOrphan(directory: string): number {
  const script = "setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!";
  const { stdout } = spawnSync("sh", ["-c", script], { cwd: directory });
  const pid = Number(stdout.toString());
  started.push(pid);
  for (;;) {
    const found = processInfo(pid);
    if (found === null) throw new Error("it has ended");
    if (found.session === pid) return pid;
  }
}

function asProcess({ pid }: Pick<Child, "pid">): Process {
  const info = processInfo(pid);
  if (info === null) throw new Error("it has ended");
  return { pid, group: info.group, startTicks: info.startTicks };
}

function makePlace(): RecordedPlace {
  return recordedPlace(directories.make());
}

/** What the service alone has inherited. */
function find(place: RecordedPlace, ourParent = parent, ourSystem: string | null = system): Inheritance | null {
  return keep(findInheritances(place, null, "app", ourSystem, ourParent).service);
}

function keep(found: Inheritance | null): Inheritance | null {
  if (found !== null && found.held !== null) held.push(found.held);
  return found;
}

test("a child that is being born is found by the second search, which is for young ones only", () => {
  const { path, directory } = directories.make();
  const { service } = new World().state;
  const files = renderStatus(service, "app", { system: "x", logPipe: null, supervisor: null });
  const status = decodeStatus(files.status);
  const former = status === null ? null : decodeFormer(files["state.json"], status);
  if (former === null) return expect.unreachable();
  const place = { slot: "service", directory, hasSession: true } as const;
  const starting: Starting = { what: "run", at: bootMillis(), since: { seconds: 0, nanoseconds: 0 }, pid: null };
  const waits: number[] = [];
  let born = 0;
  const birth = (millis: number): void => {
    waits.push(millis);
    born = startOrphan(path);
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

test("where nothing is on record nothing is inherited", () => {
  expect(findInheritances(makePlace(), recordedPlace(directories.make(), "log"), "app", system, parent)).toEqual({
    service: null,
    log: null,
  });
});

test("a ./run that lives is inherited and held, by a supervisor with another parent, too", () => {
  const place = makePlace();
  const process = asProcess(children.start("exec sleep 1000"));
  record(place, runningSlot(process));
  const claim = { kind: "run", process };
  expect(find(place)).toMatchObject({ claim, isAlive: true, isReplaced: true, held: { pid: process.pid } });
  expect(find(place, otherParent)).toMatchObject({ claim, isAlive: true, isReplaced: false });
});

test("a process with another start time is not the one on record", () => {
  const place = makePlace();
  const process = asProcess(children.start("exec sleep 1000"));
  record(place, runningSlot({ ...process, startTicks: process.startTicks - 1 }));
  expect(find(place)).toMatchObject({ claim: { kind: "run" }, isAlive: false, held: null, isReplaced: true });
  expect(find(place, otherParent)).toBeNull();
});

test("a process that has ended is inherited as one that has ended by the replacement only", async () => {
  const place = makePlace();
  const child = children.start("read line; exit", "/", ["pipe", "pipe", "ignore"]);
  record(place, runningSlot(asProcess(child)));
  process.kill(child.pid, "SIGKILL");
  await until(() => child.hasEnded());
  expect(find(place)).toMatchObject({ claim: { kind: "run" }, isAlive: false, held: null });
  expect(find(place, otherParent)).toBeNull();
});

test("records of another run of the system, or of another service, mean nothing", () => {
  const place = makePlace();
  record(place, runningSlot(asProcess(children.start("exec sleep 1000"))));
  expect(find(place, parent, "another run")).toBeNull();
  expect(find(place, parent, null)).toBeNull();
  expect(findInheritances(place, null, "renamed", system, parent).service).toBeNull();
  expect(find(place)).not.toBeNull();
});

const isRoot = process.geteuid?.() === 0;
if (!isRoot) console.warn("skipped, since only root can give a file away: records of another user mean nothing");

test.skipIf(!isRoot)("records of another user mean nothing", () => {
  const place = makePlace();
  record(place, runningSlot(asProcess(children.start("exec sleep 1000"))));
  expect(find(place)).not.toBeNull();
  chownSync(join(place.real.path, "supervise/state.json"), 65_534, 65_534);
  expect(find(place)).toBeNull();
});

test("records that cannot be read, or make no sense, mean nothing", () => {
  const place = makePlace();
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
    record(place, runningSlot(asProcess(children.start("exec sleep 1000"))));
    expect(find(place)).not.toBeNull();
    damage();
    expect(find(place)).toBeNull();
  }
});

test("leftovers are inherited as long as a member of their session is there", async () => {
  const place = makePlace();
  const child = children.start("sleep 1000 & echo $!");
  await until(() => child.hasEnded() && child.text() !== "");
  const bornAt = bootMillis();
  record(place, slotWithLeftovers(child.pid, Math.floor(bornAt)));
  const claim = { kind: "leftovers", group: child.pid };
  expect(find(place, otherParent)).toMatchObject({ claim, isAlive: true, held: null });
  // The group on record was there before this one was: the number has been given away anew.
  record(place, slotWithLeftovers(child.pid, 1));
  expect(find(place, otherParent)).toBeNull();
  record(place, slotWithLeftovers(child.pid, Math.floor(bornAt)));
  process.kill(-child.pid, "SIGKILL");
  await until(() => find(place, otherParent) === null);
  expect(find(place)).toMatchObject({ claim, isAlive: false });
});

test("a ./run that has ended on record still needs its ./finish, from the replacement only", () => {
  const place = makePlace();
  record(place, endedSlot());
  expect(find(place)).toMatchObject({ claim: { kind: "ended" }, isAlive: false, held: null });
  expect(find(place, otherParent)).toBeNull();
});

test("service and log each inherit their own, and the log is not replaced without its service", () => {
  const service = makePlace();
  const log = recordedPlace(directories.make(), "log");
  const [own, logs] = [asProcess(children.start("exec sleep 1000")), asProcess(children.start("exec sleep 1000"))];
  record(service, runningSlot(own), { supervisor: { parent: otherParent, session: 5, group: 6 } });
  record(log, runningSlot(logs, "log"));
  const found = findInheritances(service, log, "app", system, parent);
  keep(found.service);
  keep(found.log);
  expect(found.service).toMatchObject({ claim: { process: own }, isReplaced: false });
  expect(found.log).toMatchObject({ claim: { process: logs }, isReplaced: false });
});

/** Puts on record that a process is about to be started, now. */
function recordStart(place: RecordedPlace, what: "run" | "finish"): void {
  const slot = what === "run" ? new World({ down: true }).state.service : endedSlot();
  record(place, slot, {}, { what, at: momentAt(bootMillis()), slot });
}

test("a process that was about to be started is found by its directory, and counts as started", () => {
  for (const what of ["run", "finish"] as const) {
    const place = makePlace();
    recordStart(place, what);
    const pid = startOrphan(place.real.path);
    const found = find(place);
    expect(found).toMatchObject({ claim: { kind: what, process: { pid, group: pid } }, isAlive: true });
    expect(found?.held?.pid).toBe(pid);
    expect(found?.former.state.slot.starts).toBe(what === "run" ? 1 : endedSlot().starts);
  }
});

test("of two processes that may be the one that was about to be started none is taken", () => {
  const place = makePlace();
  recordStart(place, "run");
  startOrphan(place.real.path);
  startOrphan(place.real.path);
  expect(find(place, otherParent)).toBeNull();
  expect(find(place)).toMatchObject({ claim: null, isAlive: false, held: null });
});

test("a process elsewhere is not the one that was about to be started", () => {
  const place = makePlace();
  recordStart(place, "run");
  startOrphan(directories.make().path);
  expect(find(place, otherParent)).toBeNull();
});

test("without a process a ./finish that was about to be started is run again, and a ./run is not taken for ended", () => {
  const [run, finish] = [makePlace(), makePlace()];
  recordStart(run, "run");
  recordStart(finish, "finish");
  expect(find(run)).toMatchObject({ claim: null, isAlive: false });
  expect(find(finish)).toMatchObject({ claim: { kind: "ended" }, isAlive: false });
});

/** Starts a process with a pipe as a descriptor, which we close, and puts it on record as the `./run` of a slot. */
function startOnPipe(slot: "service" | "log"): {
  readonly child: Child;
  readonly inode: number;
  readonly place: RecordedPlace;
} {
  const pipe = createPipe();
  const inode = fstatSync(pipe.read).ino;
  const place = recordedPlace(directories.make(), slot);
  const isLog = slot === "log";
  const child = children.start(
    "exec sleep 1000",
    "/",
    isLog ? [pipe.read, "pipe", "ignore"] : ["ignore", pipe.write, "ignore"],
  );
  closeSync(pipe.write);
  closeSync(pipe.read);
  record(place, runningSlot(asProcess(child), slot), { logPipe: inode });
  return { child, inode, place };
}

function isBlocking(fd: number): boolean {
  const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "0";
  return (Number.parseInt(flags, 8) & 0o4000) === 0;
}

test("both ends of the log pipe come from the log, or from the service", () => {
  for (const slot of ["log", "service"] as const) {
    const { inode, place } = startOnPipe(slot);
    const service = slot === "service" ? place : makePlace();
    const found = findInheritances(service, slot === "log" ? place : null, "app", system, parent);
    keep(found[slot]);
    const pipe = findLogPipe(found) ?? expect.unreachable();
    expect([fstatSync(pipe.read).ino, fstatSync(pipe.write).ino]).toEqual([inode, inode]);
    expect([isBlocking(pipe.read), isBlocking(pipe.write)]).toEqual([true, true]);
    expect(writeSync(pipe.write, "x")).toBe(1);
    expect(() => writeSync(pipe.read, "x")).toThrow("EBADF");
    closeSync(pipe.read);
    closeSync(pipe.write);
  }
});

test("the log pipe is not taken from a process that has another pipe, or has ended", async () => {
  const { child, place } = startOnPipe("service");
  record(place, runningSlot(asProcess(child)), { logPipe: 1 });
  const other = keep(findInheritances(place, null, "app", system, parent).service);
  const before = countDescriptors();
  expect(findLogPipe({ service: other, log: null })).toBeNull();
  expect(countDescriptors()).toBe(before);
  process.kill(child.pid, "SIGKILL");
  await until(() => child.hasEnded());
  expect(findLogPipe({ service: other, log: null })).toBeNull();
  expect(findLogPipe({ service: find(place), log: null })).toBeNull();
  expect(findLogPipe({ service: null, log: null })).toBeNull();
});
