import { decodeStatus } from "@upkeep/supervise/core/status";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  claimOf,
  decodeFormer,
  isReplacement,
  whatIsReplaced,
  type FormerRecord,
  type KnownClaim,
} from "../../../src/core/adopt/record.ts";
import { adopt, asStarted, remember } from "../../../src/core/adopt/resume.ts";
import type { End } from "../../../src/core/moment.ts";
import { initialSlot, type Slot } from "../../../src/core/slot.ts";
import { renderStatus, type Start } from "../../../src/core/status.ts";
import { World, type Options } from "../../helpers/world.ts";

const system = "boot pid:[1] 2";
const parent = "5 500";
const here = {
  system,
  superviseDirectory: null,
  logPipe: null,
  supervisor: { pid: 9, startTicks: 90, parent, session: 7, group: 8 },
};

const worldOf = (options: Partial<Options> = {}): World => new World(options);

/** A world in which `./run` follows a policy. */
function withPolicy(policy: Partial<ReturnType<World["settings"]>["policy"]>, options: Partial<Options> = {}): World {
  return worldOf({ ...options, settings: { policy: { ...worldOf().settings().policy, ...policy } } });
}

/** What is on record, of one state in `state.json`, and perhaps of another in `status`. */
function formerOf(slot: Slot, start: Start | null = null, status: Slot = slot): FormerRecord | null {
  const record = decodeStatus(renderStatus(status, "app", here).status);
  return record === null ? null : decodeFormer(renderStatus(slot, "app", here, start)["state.json"], record);
}

/** Puts a supervisor into the place of one that was killed; nothing runs that its record does not tell of. */
function replace(world: World, former: FormerRecord | null = formerOf(world.state.service)): World {
  if (former === null) throw new Error("no record");
  const at = world.at();
  const known = remember(initialSlot("service", "up", at, world.settings()), former, world.settings(), at);
  const claim = claimOf(former, { name: "app", superviseDirectory: null }, system);
  if (claim?.kind === "starting") throw new Error("to be looked for");
  world.state = { ...world.state, service: claim === null ? known : adopt(known, former, claim, world.settings(), at) };
  world.tick();
  return world;
}

const statusOf = (world: World): unknown => renderStatus(world.state.service, "app");
const runs = (world: World): number => world.done.filter((what) => what === "run").length;
const fail = (world: World): void => world.end(world.process(), { kind: "exited", code: 1 });

describe("a supervisor", () => {
  test("replaces one of the same parent that had not been told to end", () => {
    const world = worldOf();
    const former = (): FormerRecord => formerOf(world.state.service) ?? expect.unreachable();
    expect(isReplacement(former(), { self: null, parent })).toBe(true);
    expect(isReplacement(former(), { self: null, parent: "5 501" })).toBe(false);
    expect(isReplacement(former(), { self: null, parent: null })).toBe(false);
    world.command("exit");
    expect(isReplacement(former(), { self: null, parent })).toBe(false);
    expect(isReplacement(former(), { self: "9 90", parent })).toBe(false);
    expect(isReplacement(former(), { self: "9 90", parent, isRenewed: true })).toBe(true);
    expect(isReplacement(former(), { self: "9 91", parent: null, isRenewed: true })).toBe(false);
    world.end(world.process());
    expect(world.exits).toBe(1);
    expect(isReplacement(former(), { self: null, parent })).toBe(false);
  });

  test("goes on with what is known of a log only together with the service, unless of that nothing is on record", () => {
    const world = worldOf({ log: "up" });
    const service = (): FormerRecord => formerOf(world.state.service) ?? expect.unreachable();
    const log = (): FormerRecord => formerOf(world.state.log ?? expect.unreachable()) ?? expect.unreachable();
    world.commandLog("down");
    world.end(world.process("run", "log"));
    const before = log();
    expect(whatIsReplaced(service(), before, { self: null, parent })).toEqual({ service: true, log: true });
    expect(whatIsReplaced(null, before, { self: null, parent })).toEqual({ service: false, log: true });
    expect(whatIsReplaced(service(), null, { self: null, parent })).toEqual({ service: true, log: false });
    expect(whatIsReplaced(null, before, { self: null, parent: "5 501" })).toEqual({ service: false, log: false });
    world.command("exit");
    world.end(world.process());
    expect(world.exits).toBe(1);
    expect(whatIsReplaced(service(), before, { self: null, parent })).toEqual({ service: false, log: false });
    expect(whatIsReplaced(null, log(), { self: null, parent })).toEqual({ service: false, log: false });
  });
});

describe("one that replaces another", () => {
  test("does not start a job that is done, until somebody asks", () => {
    const world = withPolicy({ restart: "never" });
    world.end(world.process());
    const before = statusOf(world);
    replace(world).pass(100_000);
    expect(runs(world)).toBe(1);
    expect(statusOf(world)).toEqual(before);
    world.command("up");
    expect(runs(world)).toBe(2);
  });

  test("does not start what has failed for good, until somebody asks", () => {
    const world = withPolicy({ restart: "never" });
    fail(world);
    const before = statusOf(world);
    replace(world).pass(100_000);
    expect(statusOf(world)).toEqual(before);
    expect(world.state.service.outcome).toMatchObject({ kind: "failed", reason: "restart", text: "./run exited 1" });
    world.command("up");
    expect(runs(world)).toBe(2);
    expect(world.state.service.outcome).toBeNull();
  });

  test("leaves down what was put down, and starts what was to be started once", () => {
    const world = worldOf();
    world.command("down");
    world.end(world.process());
    replace(world).pass(100_000);
    expect(runs(world)).toBe(1);
    const once = worldOf({ down: true, missing: ["db"] });
    once.command("down", "once");
    once.pass(100);
    replace(once).pass(100);
    once.depend([]);
    expect(runs(once)).toBe(1);
    expect(once.state.service.want).toBe("down");
  });

  test("counts the failures before it, and those within the time only", () => {
    const limit = { count: 2, millis: 60_000 };
    const failing = (): World => {
      const world = withPolicy({ limit });
      fail(world);
      world.pass(1000);
      fail(world);
      return replace(world);
    };
    const soon = failing();
    soon.pass(1000);
    fail(soon);
    expect(soon.state.service.outcome).toMatchObject({ kind: "failed", text: "3 failures within 60 seconds" });
    const late = failing();
    late.pass(59_500);
    fail(late);
    expect(late.state.service.outcome).toBeNull();
  });

  test("waits out a pause that has grown, and lets it grow on", () => {
    const world = withPolicy({ delay: { min: 1000, max: 60_000, factor: 4 } });
    fail(world);
    world.pass(1000);
    fail(world);
    world.pass(1500);
    replace(world).pass(2499);
    expect(runs(world)).toBe(2);
    world.pass(1);
    expect(runs(world)).toBe(3);
    fail(replace(world));
    world.pass(15_999);
    expect(runs(world)).toBe(3);
    world.pass(1);
    expect(runs(world)).toBe(4);
  });

  test("takes a run that has ended unseen for ended, nobody knows how", () => {
    const world = replace(withPolicy({ restart: "never" }));
    const exit: End = { kind: "unknown" };
    world.post({ kind: "exited", slot: "service", pid: 1000, exit, at: world.at() });
    expect(world.state.service.outcome).toMatchObject({ kind: "failed", text: "./run ended, nobody knows how" });
  });

  test("never starts in a row of kills what the first would not have started", () => {
    const policies = [
      {},
      { restart: "never" },
      { restart: "on-failure" },
      { limit: { count: 1, millis: 5000 } },
    ] as const;
    const act = fc.oneof(
      fc.constant("kill" as const),
      fc.constantFrom("up", "down", "once").map((command) => ({ command })),
      fc.nat(3).map((code) => ({ code })),
      // Start times are in ticks of 10 ms.
      fc.nat(300).map((ticks) => ({ millis: ticks * 10 })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...policies), fc.boolean(), fc.array(act), (policy, hasFinish, acts) => {
        const killed = withPolicy(policy, { hasFinish });
        const other = withPolicy(policy, { hasFinish });
        for (const what of acts) {
          if (what === "kill") replace(killed);
          for (const world of [killed, other]) {
            if (what === "kill") continue;
            if ("command" in what) world.command(what.command);
            else if ("millis" in what) world.pass(what.millis);
            else if (world.has("run")) world.end(world.process(), { kind: "exited", code: what.code });
            else if (world.has("finish")) world.end(world.process("finish"));
          }
          expect(statusOf(killed)).toEqual(statusOf(other));
          expect(killed.done).toEqual(other.done);
        }
      }),
    );
  });
});

describe("a start that is on record", () => {
  test("of run says what was known, and becomes the run that is found", () => {
    const world = withPolicy({ limit: { count: 3, millis: 60_000 } });
    const { service } = world.state;
    fail(world);
    const down = world.state.service;
    world.pass(1000);
    world.suspended = 500;
    const slot: Slot = { ...down, state: { kind: "starting", since: down.state.since, isOnce: false } };
    // In the files the service still runs, with the pid before.
    const former = formerOf(service, { what: "run", at: world.at(), slot });
    expect(former?.starting).toEqual({ what: "run", at: world.at().boot, since: world.at().wall, pid: null });
    if (former === null || former.starting === null) return expect.unreachable();
    const claim: KnownClaim = { kind: "run", process: { pid: 1001, group: 1001, startTicks: 10_100 } };
    const known = remember(initialSlot("service", "up", world.at()), former, world.settings(), world.at());
    const found = adopt(known, asStarted(former, former.starting), claim, world.settings(), world.at());
    expect(renderStatus(found, "app")).toEqual(renderStatus(world.state.service, "app"));
    expect(found.failures).toHaveLength(1);
  });

  test("is told its pid by a status that is newer", () => {
    const world = worldOf();
    const { service } = world.state;
    const first = initialSlot("service", "up", world.at());
    const slot: Slot = { ...first, state: { kind: "starting", since: first.state.since, isOnce: false } };
    const start: Start = { what: "run", at: world.at(), slot };
    expect(formerOf(first, start, service)?.starting).toMatchObject({ pid: 1000 });
    expect(formerOf(first, start)?.starting).toMatchObject({ pid: null });
  });

  test("of finish, of which nothing is found, runs that again and not the job", () => {
    const world = withPolicy({ restart: "never" }, { hasFinish: true });
    const { service } = world.state;
    const { state } = service;
    if (state.kind !== "run") return expect.unreachable();
    world.end(world.process());
    const { lastExit } = world.state.service;
    const { since, startedAt, settings } = state;
    const slot: Slot = {
      ...service,
      lastExit,
      state: { kind: "ended", since, startedAt, settings, retryAt: Infinity },
    };
    const former = formerOf(service, { what: "finish", at: world.at(), slot });
    if (former === null) return expect.unreachable();
    world.alive.clear();
    replace(world, { ...former, starting: null });
    expect(world.done.filter((what) => what === "finish")).toHaveLength(2);
    world.end(world.process("finish"));
    expect(world.state.service.outcome).toEqual({ kind: "done" });
    expect(runs(world)).toBe(1);
  });
});

test("what is wanted is taken from status, which is written first; that it is to exit only state.json knows", () => {
  const world = worldOf();
  const up = world.state.service;
  const newer = (command: "up" | "down" | "once" | "exit"): Slot => {
    world.command(command);
    return world.state.service;
  };
  for (const command of ["down", "once", "exit"] as const) {
    expect(formerOf(up, null, newer(command))?.state.slot.want).toBe("down");
    expect(formerOf(world.state.service, null, newer("up"))?.state.slot.want).toBe("up");
  }
  expect(formerOf(newer("exit"))?.state.slot.want).toBe("exit");
  const once = worldOf();
  const before = once.state.service;
  once.command("once");
  replace(once, formerOf(before, null, once.state.service));
  once.end(once.process());
  once.pass(100_000);
  expect(runs(once)).toBe(1);
});

test("a state.json that status is ahead of counts as long as something is on record in it", () => {
  const world = worldOf();
  const running = world.state.service;
  world.command("down");
  world.end(world.process());
  const down = world.state.service;
  expect(formerOf(running, null, down)?.status).toMatchObject({ state: "run", pid: 1000 });
  expect(formerOf(down, null, running)).toBeNull();
});

test("memory of odd values starts nothing late, and counts no failure of the future", () => {
  const keys = ["failures", "delay", "startAt", "soonestAt", "asked", "lastGroup"];
  const world = withPolicy({ limit: { count: 3, millis: 60_000 } });
  fail(world);
  const files = renderStatus(world.state.service, "app", here);
  const status = decodeStatus(files.status);
  if (status === null) return expect.unreachable();
  const formerWith = (memory: unknown): FormerRecord =>
    decodeFormer(JSON.stringify({ ...JSON.parse(files["state.json"]), memory }), status) ?? expect.unreachable();
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (value) => {
      const at = world.at();
      const slot = remember(initialSlot("service", "up", at), formerWith(value), world.settings(), at);
      expect(slot.state).toMatchObject({ kind: "down" });
      if (slot.state.kind === "down") expect(slot.state.startAt).toBeLessThanOrEqual(at.monotonic + 5000);
      expect(slot.failures.every((failedAt) => failedAt <= at.monotonic)).toBe(true);
    }),
  );
  const none = formerWith({}).state.slot.memory;
  for (const odd of [null, 7, "x", []]) expect(formerWith(odd).state.slot.memory).toEqual(none);
});
