import type { RunSettings } from "@upkeep/service-directory/core/run-settings";
import { decodeStatus } from "@upkeep/supervise/core/status";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { claimOf, decodeFormer, type FormerRecord, type KnownClaim } from "../../../src/core/adopt/record.ts";
import { adopt } from "../../../src/core/adopt/resume.ts";
import { initialSlot, type Slot } from "../../../src/core/slot.ts";
import { renderStatus, type Start } from "../../../src/core/status.ts";
import { World, type Options } from "../../helpers/world.ts";

const system = "boot pid:[1] 2";

const other = { name: "app2", superviseDirectory: "26:4712" };
const app = { name: "app", superviseDirectory: "26:4711" };
const parent = "5 500";
const here = {
  system,
  superviseDirectory: null,
  logPipe: 17,
  supervisor: { pid: 9, startTicks: 90, parent, session: 7, group: 8 },
};

/** What a supervisor leaves on record that is killed now. */
function recordOf(
  slot: Slot,
  changes: Readonly<Record<string, unknown>> = {},
  start: Start | null = null,
): FormerRecord {
  const files = renderStatus(slot, "app", here, start);
  const record = decodeStatus(files.status);
  const text = JSON.stringify({ ...JSON.parse(files["state.json"]), ...changes });
  const former = record === null ? null : decodeFormer(text, record);
  if (former === null) throw new Error("no record");
  return former;
}

/** What a record lays claim to that needs not be looked for. */
function claimed(former: FormerRecord, service = app, run: string | null = system): KnownClaim | null {
  const claim = claimOf(former, service, run);
  if (claim?.kind === "starting") throw new Error("to be looked for");
  return claim;
}

/** A world whose supervisor is replaced by one that finds everything as it was. */
function replaced(
  world: World,
  settings: Partial<RunSettings> = world.options.settings,
  want: "up" | "down" = "up",
): World {
  const former = recordOf(world.state.service);
  const claim = claimed(former);
  if (claim === null) throw new Error("nothing to adopt");
  const at = world.at();
  const found = { ...world.settings(), ...settings };
  const service = adopt(initialSlot("service", want, at, found), former, claim, found, at);
  const closing = { isClosing: false, hasWokenLog: false, hasLookedIntoPipe: false };
  world.state = { service, log: null, ...closing, isExiting: false, held: [] };
  return world;
}

const worldOf = (options: Partial<Options> = {}): World => new World(options);

describe("a claim", () => {
  test("is laid to the process of run or finish, and to a group that is being ended", () => {
    const world = worldOf({ hasFinish: true, leftovers: 2 });
    const process = { pid: 1000, group: 1000, startTicks: 10_000 };
    expect(claimOf(recordOf(world.state.service), app, system)).toEqual({ kind: "run", process });
    world.end(world.process());
    const groupAt = world.at().boot;
    expect(claimOf(recordOf(world.state.service), app, system)).toEqual({ kind: "leftovers", group: 1000, groupAt });
    world.pass(100);
    expect(claimOf(recordOf(world.state.service), app, system)).toMatchObject({ kind: "finish" });
  });

  test("is laid to a group on the clock of start times, which goes on in suspend", () => {
    const world = worldOf({ leftovers: 2 });
    world.suspended = 3_600_000;
    world.end(world.process());
    const claim = claimOf(recordOf(world.state.service), app, system);
    expect(claim).toEqual({ kind: "leftovers", group: 1000, groupAt: world.now + 3_600_000 });
    expect(claimOf(recordOf(replaced(world).state.service), app, system)).toEqual(claim);
  });

  test("is not laid to anything of another service, another run of the system, or of an unknown one", () => {
    const { service } = worldOf().state;
    expect(claimOf(recordOf(service), other, system)).toBeNull();
    const renamed = { ...app, name: "app2" };
    expect(claimOf(recordOf(service, { superviseDirectory: "26:4711" }), renamed, system)).not.toBeNull();
    expect(claimOf(recordOf(service), app, "boot pid:[1] 3")).toBeNull();
    expect(claimOf(recordOf(service), app, null)).toBeNull();
    expect(claimOf(recordOf(service, { system: null }), app, null)).toBeNull();
    expect(claimOf(recordOf(worldOf({ down: true }).state.service), app, system)).toBeNull();
  });

  test.each([
    { startTicks: null },
    { startTicks: 0 },
    { startTicks: 1.5 },
    { startTicks: "1000" },
    { processGroup: null },
    { processGroup: 0 },
    { processGroup: -1 },
    { processGroup: 1 },
    { system: 5 },
    { name: null },
  ])("is not laid by a record with %j", (changes) => {
    expect(claimOf(recordOf(worldOf().state.service, changes), app, system)).toBeNull();
  });

  test("by odd values names no pid that a signal could not be meant for", () => {
    const keys = ["processGroup", "startTicks", "system", "name", "groupAt", "logPipe", "want", "starts", "lastExit"];
    const world = worldOf();
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (changes) => {
        const former = recordOf(world.state.service, changes);
        const claim = claimed(former);
        if (claim === null) return;
        expect(claim.kind).toBe("run");
        if (claim.kind !== "run") return;
        expect(claim.process.pid).toBe(1000);
        expect(claim.process.group).toBeGreaterThan(1);
        expect(former.state.system).toBe(system);
        const slot = adopt(initialSlot("service", "up", world.at()), former, claim, world.settings(), world.at());
        expect(slot.state.kind).toBe("run");
      }),
    );
  });

  test("is laid by no text that is none", () => {
    const record = decodeStatus(renderStatus(worldOf().state.service, "app", here).status);
    if (record === null) return expect.unreachable();
    for (const text of ["", "null", "[]", "7", "{"]) expect(decodeFormer(text, record)).toBeNull();
  });
});

describe("an adopted run", () => {
  test("goes on: same process, same uptime, same files", () => {
    const world = worldOf();
    world.pass(5000);
    const before = renderStatus(world.state.service, "app");
    replaced(world);
    expect(renderStatus(world.state.service, "app")).toEqual(before);
    expect(world.done.filter((what) => what === "run")).toHaveLength(1);
    world.command("down");
    expect(world.process().signals.length).toBeGreaterThan(0);
    world.end(world.process(), { kind: "exited", code: 0 });
    expect(world.state.service.state.kind).toBe("down");
  });

  test("is as old as its process, however the wall clock has been stepped", () => {
    for (const stepped of [3_600_000, -3_600_000]) {
      const world = worldOf({ hasFinish: true, settings: { readiness: { kind: "ready-after", millis: 6000 } } });
      world.pass(5000);
      world.stepped = stepped;
      replaced(world).pass(999);
      expect(world.state.service.state).toMatchObject({ startedAt: 100_000, progress: { kind: "timed" } });
      world.pass(1);
      expect(world.state.service.state).toMatchObject({ progress: { kind: "ready" } });
      world.end(world.process());
      expect(world.state.service.lastExit).toMatchObject({ ranMillis: 6000 });
      world.pass(70);
      world.stepped = 0;
      expect(replaced(world).state.service.state).toMatchObject({ kind: "finish", startedAt: 100_000 });
    }
  });

  test("is wanted as it was, whatever the file down says", () => {
    const world = worldOf();
    world.command("down");
    expect(replaced(world).state.service).toMatchObject({ want: "down", gotTerm: true });
    expect(replaced(worldOf(), {}, "down").state.service.want).toBe("up");
  });

  test("that was told to stop is killed when its time is over, counted anew", () => {
    const world = worldOf({ settings: { timeoutKill: 500 } });
    world.command("down");
    world.pass(400);
    replaced(world).pass(499);
    const { signals } = world.process();
    const before = signals.length;
    world.pass(1);
    expect(signals.slice(before)).toEqual(["SIGKILL"]);
  });

  test("that ends in a way that nobody knows has failed, unless that was asked for", () => {
    const policy = { ...worldOf().settings().policy, restart: "never" } as const;
    const world = replaced(worldOf({ settings: { policy } }));
    world.post({ kind: "exited", slot: "service", pid: 1000, exit: { kind: "unknown" }, at: world.at() });
    expect(world.state.service.outcome).toMatchObject({ kind: "failed", text: "./run ended, nobody knows how" });
    const asked = replaced(worldOf({ settings: { policy } }));
    asked.command("term");
    asked.post({ kind: "exited", slot: "service", pid: 1000, exit: { kind: "unknown" }, at: asked.at() });
    expect(asked.state.service.outcome).toBeNull();
  });

  test("in the group of its former supervisor leaves that alone, and orphans are nobody's", () => {
    const world = worldOf();
    const former = recordOf(world.state.service, { processGroup: 999 });
    const claim = claimed(former);
    const found = { ...world.settings(), endsOrphans: true };
    const slot = claim && adopt(initialSlot("service", "up", world.at()), former, claim, found, world.at());
    expect(slot?.state).toMatchObject({ settings: { endsLeftovers: false, endsOrphans: false } });
  });

  test("stays ready since then, and one that is not becomes so by its uptime or ./check", () => {
    const timed = worldOf({ settings: { readiness: { kind: "ready-after", millis: 3000 } } });
    timed.pass(2000);
    replaced(timed).pass(999);
    expect(timed.state.service.state).toMatchObject({ progress: { kind: "timed" } });
    timed.pass(1);
    const ready = timed.state.service.state;
    expect(ready).toMatchObject({ progress: { kind: "ready" } });
    timed.pass(5000);
    expect(replaced(timed).state.service.state).toMatchObject({ progress: ready.kind === "run" && ready.progress });
    const told = replaced(worldOf({ settings: { readiness: { kind: "notification-fd", fd: 3 } } }));
    expect(told.state.service.state).toMatchObject({ progress: { kind: "waiting" } });
    const checked = replaced(worldOf({ settings: { readiness: { kind: "check", otherwise: null } } }));
    expect(checked.state.service.state).toMatchObject({ progress: { kind: "polled" } });
  });
});

test("one that is not ready is mentioned once for its start, whoever supervises it", () => {
  const complaints = (world: World): readonly string[] => world.done.filter((what) => what.startsWith("warning: "));
  const settings = { readiness: { kind: "notification-fd", fd: 3 } } as const;
  const early = worldOf({ settings });
  early.pass(10_000);
  replaced(early).pass(19_999);
  expect(complaints(early)).toEqual([]);
  early.pass(1);
  expect(complaints(early)).toEqual([
    "warning: not ready after 30 s: runsv was killed, and with it the pipe that it would tell by",
  ]);
  const late = worldOf({ settings });
  late.pass(40_000);
  replaced(late).pass(60_000);
  expect(complaints(late)).toEqual(["warning: not ready after 30 s: nothing written to descriptor 3"]);
});

test("an adopted finish is waited for, and decides by the end that it was started for", () => {
  const policy = { ...worldOf().settings().policy, restart: "never" } as const;
  const world = worldOf({ hasFinish: true, settings: { policy } });
  world.end(world.process(), { kind: "exited", code: 0 });
  const { pid } = world.process("finish");
  replaced(world);
  world.post({ kind: "exited", slot: "service", pid, exit: { kind: "unknown" }, at: world.at() });
  expect(world.state.service.outcome).toEqual({ kind: "done" });
});

test("an end of which nothing is on record is one that nobody knows, and finish runs", () => {
  const world = worldOf({ hasFinish: true });
  const { state } = world.state.service;
  if (state.kind !== "run") return expect.unreachable();
  const { since, startedAt, settings } = state;
  const slot: Slot = {
    ...world.state.service,
    state: { kind: "ended", since, startedAt, settings, retryAt: Infinity },
  };
  world.state = { ...world.state, service: slot };
  world.alive.clear();
  replaced(world).tick();
  expect(world.state.service).toMatchObject({ state: { kind: "finish" }, lastExit: { exit: { kind: "unknown" } } });
  world.command("down");
  world.end(world.process("finish"));
  expect(world.state.service.state.kind).toBe("down");
});

test("leftovers that were being ended are ended before the next start", () => {
  const world = worldOf({ leftovers: 3 });
  world.end(world.process());
  replaced(world);
  expect(world.state.service.state.kind).toBe("leftovers");
  world.pass(2000);
  expect(world.done.filter((what) => what === "run")).toHaveLength(2);
  expect(world.state.service.state.kind).toBe("run");
});

test("an engine that was told by the one before it goes on with its check, its pipe and its orphans", () => {
  const handed = { check: { pid: 7, group: 7, startTicks: 9 }, notification: 5, output: null, errors: null };
  const progressWith = (readiness: RunSettings["readiness"], told: typeof handed | null): unknown => {
    const world = worldOf({ settings: { readiness, endsOrphans: true } });
    const former = recordOf(world.state.service);
    const claim = claimed(former);
    if (claim === null) throw new Error("nothing to adopt");
    const { state } = adopt(
      initialSlot("service", "up", world.at()),
      former,
      claim,
      world.settings(),
      world.at(),
      told,
    );
    if (state.kind !== "run") throw new Error("it does not run");
    expect(state.settings.endsOrphans).toBe(told !== null);
    return state.progress;
  };
  const checking = { kind: "check", otherwise: null } as const;
  expect(progressWith(checking, handed)).toMatchObject({ check: handed.check, pollAt: Infinity });
  expect(progressWith(checking, null)).toMatchObject({ check: null });
  const notifying = { kind: "notification-fd", fd: 3 } as const;
  expect(progressWith(notifying, handed)).toMatchObject({ why: "nothing written to descriptor 3" });
  expect(progressWith(notifying, null)).toMatchObject({ why: expect.stringContaining("was killed") as string });
});
