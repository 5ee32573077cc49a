import { errno, SystemError } from "@upkeep/linux/core/errno";
import { decodeStatus } from "@upkeep/supervise/core/status";
import { NotAFifoError } from "@upkeep/supervise/fifo/supervisor-end";
import { expect, test } from "vitest";

import type { State } from "../../src/core/supervisor.ts";
import { createPublisher, type Publisher } from "../../src/engine/publisher.ts";
import { recordDiagnostics } from "../helpers/diagnostics.ts";
import { fakeFiles, nothing, type FakeFiles } from "../helpers/supervise-files.ts";
import { World } from "../helpers/world.ts";

interface Rig {
  readonly publisher: Publisher;
  readonly service: FakeFiles;
  readonly log: FakeFiles;
  readonly said: string[];
  readonly clock: { now: number };
  /** What is done when the directory of the service is to be made anew. */
  readonly onReopen: { act: () => void; count: number };
}

function open(): Rig {
  const { say, said } = recordDiagnostics();
  const [service, log] = [fakeFiles(), fakeFiles()];
  const clock = { now: 5000 };
  const onReopen = { act: () => {}, count: 0 };
  const reopen = (): void => {
    onReopen.count++;
    onReopen.act();
  };
  const publisher = createPublisher({
    service: { files: service.files, reopen },
    log: { files: log.files, reopen: () => expect.unreachable() },
    name: "app",
    supervision: { system: "boot", superviseDirectory: null, logPipe: null, supervisor: null },
    say,
    now: () => clock.now,
  });
  return { publisher, service, log, said, clock, onReopen };
}

/** A service that is up and satisfied, and one that is down. */
const up: State = new World().state;
const down: State = new World({ down: true }).state;

const failures = [
  { number: errno.ENOSPC, message: "unable to write supervise/pid.new: out of disk space" },
  { number: errno.EROFS, message: "unable to write supervise/pid.new: read-only file system" },
] as const;
const failure = (number: number): SystemError => new SystemError("write supervise/pid.new", number);

test("a failure to write is warned of once, and tried again a second later", () => {
  for (const { number, message } of failures) {
    const { publisher, service, said, clock } = open();
    expect(publisher.retryAt()).toBe(Infinity);
    service.failure = failure(number);
    publisher.publish(up);
    expect(publisher.retryAt()).toBe(6000);
    clock.now = 6000;
    publisher.publish(up);
    expect(publisher.retryAt()).toBe(7000);
    expect(said).toEqual([`warning: ${message}`]);
    service.failure = null;
    publisher.publish(up);
    expect(publisher.retryAt()).toBe(Infinity);
    expect(service.written).toHaveLength(1);
    expect(said).toHaveLength(1);
  }
});

test("each trouble is warned of, and again when it comes back after the files could be written", () => {
  const { publisher, service, said } = open();
  const [full, readOnly] = failures;
  for (const number of [full.number, readOnly.number, full.number]) {
    service.failure = failure(number);
    publisher.publish(up);
  }
  expect(said.splice(0)).toEqual([`warning: ${full.message}`, `warning: ${readOnly.message}`]);
  service.failure = null;
  publisher.publish(up);
  service.failure = failure(full.number);
  publisher.publish(up);
  expect(said).toEqual([`warning: ${full.message}`]);
});

test("a directory that was removed is made anew, and written to at once", () => {
  const { publisher, service, said, onReopen } = open();
  service.failure = new SystemError("open supervise/pid.new", errno.ENOENT);
  onReopen.act = () => (service.failure = null);
  publisher.publish(up);
  expect(onReopen.count).toBe(1);
  expect(service.written).toHaveLength(1);
  expect(said).toEqual(["warning: unable to open supervise/pid.new: file does not exist"]);
});

test("a directory that cannot be made anew is tried again each time, and each trouble is warned of once", () => {
  const { publisher, service, said, onReopen, clock } = open();
  service.failure = new SystemError("open supervise/pid.new", errno.ENOENT);
  onReopen.act = () => {
    throw new NotAFifoError("supervise/control exists but is not a fifo");
  };
  publisher.publish(up);
  clock.now = 5500;
  publisher.publish(up);
  expect(onReopen.count).toBe(2);
  expect(publisher.retryAt()).toBe(6500);
  expect(said).toEqual([
    "warning: unable to open supervise/pid.new: file does not exist",
    "warning: supervise/control exists but is not a fifo",
  ]);
});

test("a directory that is there is not made anew for another trouble", () => {
  const { publisher, service, onReopen } = open();
  service.failure = failure(errno.ENOSPC);
  publisher.publish(up);
  expect(onReopen.count).toBe(0);
});

test("a defect of ours does not end the supervision", () => {
  const { publisher, service, said } = open();
  service.failure = new TypeError("a defect");
  publisher.publish(up);
  expect(said[0]).toMatch(/^warning: internal error: a defect/);
  expect(publisher.retryAt()).toBe(6000);
});

test("a log whose directory cannot be written keeps nothing from the service", () => {
  const { publisher, service, log, said } = open();
  const { state } = new World({ log: "up" });
  log.failure = failure(errno.EROFS);
  publisher.publish(state);
  publisher.publish(state);
  expect(service.written).toHaveLength(2);
  expect(said).toHaveLength(1);
  // The service is written again and again: that must not count as the end of the log's trouble.
  service.failure = log.failure;
  publisher.publish(state);
  expect(said).toHaveLength(2);
});

test("a service without a log has its own files written only", () => {
  const { publisher, service, log } = open();
  publisher.publish(up);
  expect([service.written.length, log.written.length]).toEqual([1, 0]);
});

test("dependants are woken when the service becomes satisfied, and not as long as it stays so", () => {
  const { publisher, service } = open();
  publisher.publish(down);
  expect(service.wakes).toBe(0);
  publisher.publish(up);
  publisher.publish(up);
  expect(service.wakes).toBe(1);
  publisher.publish(down);
  publisher.publish(up);
  expect(service.wakes).toBe(2);
});

test("dependants are woken only when they can read that the service is satisfied", () => {
  const { publisher, service } = open();
  service.failure = failure(errno.ENOSPC);
  publisher.publish(up);
  expect(service.wakes).toBe(0);
  service.failure = null;
  publisher.publish(up);
  expect(service.wakes).toBe(1);
});

test("an announced start shows in state.json only, which keeps the state that was published", () => {
  const { publisher, service } = open();
  const world = new World();
  publisher.publish(down);
  publisher.announce(up.service, "run", world.at());
  const [before, announced] = service.written;
  if (before === undefined || announced === undefined) return expect.unreachable();
  expect(announced).toEqual({ ...nothing, "state.json": announced["state.json"] });
  expect(JSON.parse(before["state.json"])).toMatchObject({ pid: null, starting: null });
  expect(JSON.parse(announced["state.json"])).toMatchObject({ pid: null, starting: { what: "run" } });
});

test("the next publication takes an announcement back", () => {
  const { publisher, service } = open();
  publisher.publish(down);
  publisher.announce(down.service, "run", new World().at());
  publisher.publish(down);
  expect(service.written[2]).toEqual(service.written[0]);
});

test("nothing is announced of a slot that was never published, or has no files", () => {
  const { publisher, service, log } = open();
  publisher.announce(up.service, "run", new World().at());
  expect(service.written).toEqual([]);
  publisher.publish(up);
  publisher.announce({ ...up.service, name: "log" }, "run", new World().at());
  expect(log.written).toEqual([]);
});

test("an announcement that cannot be written is warned of, and tried again with the next publication", () => {
  const { publisher, service, said } = open();
  publisher.publish(down);
  service.failure = failure(errno.ENOSPC);
  publisher.announce(down.service, "run", new World().at());
  expect(said).toHaveLength(1);
  expect(publisher.retryAt()).toBe(6000);
});

test("the status comes first, and the next publication writes the rest", () => {
  const { publisher, service, log } = open();
  publisher.begin(down);
  const [first] = service.written;
  expect(decodeStatus(first?.status ?? nothing.status)).toMatchObject({ state: "down", pid: 0 });
  expect(first).toEqual({ ...nothing, status: first?.status });
  expect(log.written).toEqual([]);
  publisher.announce(up.service, "run", new World().at());
  expect(JSON.parse(service.written[1]?.["state.json"] ?? "")).toMatchObject({ starting: { what: "run" } });
  publisher.publish(up);
  expect(service.written[2]?.stat).toBe("run\n");
});

test("a publication may wait only where all files tell of the state before", () => {
  const { publisher, service } = open();
  const told: State = { ...up, service: { ...up.service, gotTerm: true } };
  expect(publisher.mayWait(told)).toBe(false);
  publisher.begin(up);
  expect(publisher.mayWait(told)).toBe(false);
  publisher.publish(up);
  expect([publisher.mayWait(told), publisher.mayWait(down)]).toEqual([true, false]);
  service.failure = failure(errno.ENOSPC);
  publisher.publish(up);
  expect(publisher.mayWait(told)).toBe(false);
  service.failure = null;
  publisher.publish(up);
  expect(publisher.mayWait(told)).toBe(true);
});
