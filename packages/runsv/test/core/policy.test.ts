import { defaultPolicy, type RestartPolicy } from "@upkeep/service-directory/core/run-settings";
import { describe, expect, test } from "vitest";

import { decideRestart, judgeExit, pauseAfter } from "../../src/core/policy.ts";
import { renderStatus } from "../../src/core/status.ts";
import { World, type Options } from "../helpers/world.ts";

const exited = (code: number) => ({ kind: "exited", code }) as const;
const killed = (signal: number) => ({ kind: "killed", signal, core: false }) as const;
const policyOf = (policy: Partial<RestartPolicy>): RestartPolicy => ({ ...defaultPolicy, ...policy });
const settingsOf = (policy: Partial<RestartPolicy>): Options["settings"] => ({ policy: policyOf(policy) });

/** A world after `millis` of which `./run` ends so. */
function endAfter(world: World, millis: number, exit: Parameters<World["end"]>[1]): World {
  world.pass(millis);
  world.end(world.process(), exit);
  return world;
}

describe("judging an end", () => {
  const policy = policyOf({ exitOk: { codes: [3], signals: [15] } });

  test.each([
    [exited(0), [], "success"],
    [exited(3), [], "success"],
    [exited(4), [], "failure"],
    [killed(15), [], "success"],
    [killed(9), [], "failure"],
    [null, ["anything"], "failure"],
    [exited(1), ["exit", 15], "asked"],
    [killed(9), ["exit", 15], "failure"],
    [killed(9), ["exit", 15, 9], "asked"],
    [exited(1), [1], "failure"],
    [killed(11), ["anything"], "asked"],
  ] as const)("%j with %j asked for is a %s", (exit, asked, verdict) => {
    expect(judgeExit(exit, asked, policy)).toBe(verdict);
  });
});

describe("what follows an end", () => {
  const at = { seconds: 1, nanoseconds: 0 };
  const facts = { failures: 1, finish: null, at };

  test.each([
    ["always", "success", "again"],
    ["always", "failure", "again"],
    ["on-failure", "success", "done"],
    ["on-failure", "failure", "again"],
    ["on-failure", "asked", "again"],
    ["never", "success", "done"],
    ["never", "failure", "failed"],
    ["never", "asked", "again"],
  ] as const)("under %s a %s means %s", (restart, verdict, expected) => {
    const decision = decideRestart(policyOf({ restart }), { ...facts, verdict, exit: exited(0) });
    expect(decision.kind === "again" ? "again" : decision.outcome?.kind).toBe(expected);
  });

  test("a finish that exits 125 counts only beside a restart file", () => {
    const asked = { ...facts, verdict: "failure", exit: exited(1), finish: exited(125) } as const;
    expect(decideRestart(policyOf({}), asked).kind).toBe("again");
    expect(decideRestart(policyOf({ heedsFinish: true }), asked)).toMatchObject({
      outcome: { reason: "finish", text: "./run exited 1, and ./finish exited 125" },
    });
    expect(decideRestart(policyOf({ heedsFinish: true }), { ...asked, verdict: "success" })).toMatchObject({
      outcome: { kind: "done" },
    });
    expect(decideRestart(policyOf({ heedsFinish: true }), { ...asked, verdict: "asked" })).toEqual({
      kind: "rest",
      outcome: null,
    });
  });

  test("one failure more than the limit is the last", () => {
    const policy = policyOf({ limit: { count: 2, millis: 10_000 } });
    const failure = { ...facts, verdict: "failure", exit: killed(6) } as const;
    expect(decideRestart(policy, { ...failure, failures: 2 }).kind).toBe("again");
    expect(decideRestart(policy, { ...failure, failures: 3 })).toMatchObject({
      outcome: { reason: "restart-limit", text: "3 failures within 10 seconds" },
    });
  });
});

describe("the pause before a start", () => {
  test("is runit's by default: a second after the end, if that came within a second", () => {
    expect(pauseAfter(defaultPolicy.delay, null, 999, false).pause).toBe(1000);
    expect(pauseAfter(defaultPolicy.delay, 1000, 0, false)).toEqual({ pause: 1000, next: 1000 });
    expect(pauseAfter(defaultPolicy.delay, 1000, 1000, false)).toEqual({ pause: 0, next: null });
  });

  test("grows up to MAX, and starts all over after an uptime of MAX", () => {
    const delay = { min: 100, max: 500, factor: 2 };
    const pauses: number[] = [];
    let current: number | null = null;
    for (const uptime of [0, 400, 0, 0, 0, 500, 0]) {
      const { pause, next } = pauseAfter(delay, current, uptime, false);
      pauses.push(pause);
      current = next;
    }
    expect(pauses).toEqual([100, 200, 400, 500, 500, 0, 100]);
  });

  test("after an end that was asked for is the first one", () => {
    expect(pauseAfter({ min: 100, max: 500, factor: 2 }, 500, 50, true)).toEqual({ pause: 100, next: null });
    expect(pauseAfter({ min: 100, max: 500, factor: 2 }, 500, 100, true)).toEqual({ pause: 0, next: null });
  });
});

describe("a service that is not started again", () => {
  test("a job that succeeds is down, wanted down, and satisfied", () => {
    const world = endAfter(new World({ settings: settingsOf({ restart: "never" }) }), 300, exited(0));
    world.pass(60_000);
    expect(world.done).toEqual(["run"]);
    const files = renderStatus(world.state.service, "app");
    expect(files.stat).toBe("down\n");
    expect(JSON.parse(files["state.json"])).toMatchObject({ want: "down", ready: true, satisfied: true, failed: null });
    expect(world.reports.map(({ event }) => event)).toEqual(["exit", "satisfied"]);
  });

  test("a job is not satisfied while it works, unless it declares readiness", () => {
    const world = new World({ settings: settingsOf({ restart: "on-failure" }) });
    const said = (): unknown => JSON.parse(renderStatus(world.state.service, "app")["state.json"]);
    expect(said()).toMatchObject({ state: "run", ready: false, satisfied: false, readiness: null });
    const ready = new World({
      settings: { ...settingsOf({ restart: "on-failure" }), readiness: { kind: "ready-after", millis: 0 } },
    });
    expect(JSON.parse(renderStatus(ready.state.service, "app")["state.json"])).toMatchObject({ satisfied: true });
  });

  test("a job that fails says so once, and stays down until u or o", () => {
    const world = endAfter(
      new World({ settings: settingsOf({ restart: "never", critical: "failure" }) }),
      5,
      exited(7),
    );
    expect(world.done).toEqual(["run", "warning: giving up: ./run exited 7"]);
    expect(JSON.parse(renderStatus(world.state.service, "app")["state.json"])).toMatchObject({
      satisfied: false,
      failed: { reason: "restart", text: "./run exited 7" },
    });
    expect(world.reports.at(-1)).toEqual({ event: "failed", exit: exited(7), isCritical: true });
    world.command("down", "term", "hup");
    world.pass(60_000);
    expect(world.done).toHaveLength(2);
    world.command("once");
    expect(world.has("run")).toBe(true);
    expect(world.state.service.outcome).toBeNull();
  });

  test("a job that once has started is done by success, too; its failure is nobody's business", () => {
    const world = new World({ down: true, settings: settingsOf({ restart: "never" }) });
    world.command("once");
    endAfter(world, 5, exited(1));
    expect(world.state.service.outcome).toBeNull();
    world.command("once");
    world.pass(1000);
    endAfter(world, 5, exited(0));
    expect(world.state.service.outcome).toEqual({ kind: "done" });
    world.command("once", "exit");
    world.pass(1000);
    expect(world.exits).toBe(1);
  });

  test("failures older than the window do not count", () => {
    const world = new World({ settings: settingsOf({ limit: { count: 1, millis: 5000 } }) });
    for (let round = 0; round < 5; round++) endAfter(world, 5000, exited(1));
    expect(world.has("run")).toBe(true);
    endAfter(world, 100, exited(1));
    expect(world.state.service.outcome).toMatchObject({ reason: "restart-limit", text: "2 failures within 5 seconds" });
    expect(world.done.at(-1)).toBe("warning: giving up: 2 failures within 5 seconds, the last time ./run exited 1");
    world.command("up");
    world.pass(1000);
    expect(world.has("run")).toBe(true);
    expect(world.state.service.failures).toEqual([]);
  });

  test("what sv asked for is no failure, and a restart that it asked for is done", () => {
    const world = new World({ settings: settingsOf({ restart: "never", limit: { count: 0, millis: 5000 } }) });
    world.pass(2000);
    world.command("term", "cont", "up");
    world.end(world.process(), killed(15));
    expect(world.has("run")).toBe(true);
    world.pass(2000);
    world.command("kill");
    world.end(world.process(), killed(9));
    expect(world.has("run")).toBe(true);
    expect(world.reports.some(({ event }) => event === "failed")).toBe(false);
  });

  test("up ends a pause that has grown, but not the first one", () => {
    const world = new World({ settings: settingsOf({ delay: { min: 1000, max: 60_000, factor: 10 } }) });
    endAfter(world, 0, exited(1)).pass(1000);
    endAfter(world, 0, exited(1)).pass(5000);
    expect(world.has("run")).toBe(false);
    world.command("up");
    expect(world.has("run")).toBe(true);
    world.end(world.process(), exited(1));
    world.command("up");
    expect(world.has("run")).toBe(false);
    world.pass(1000);
    expect(world.has("run")).toBe(true);
  });

  test("every end is critical under any-exit, and the restart waits for the stop", () => {
    const world = new World({ settings: settingsOf({ critical: "any-exit" }) });
    world.pass(9000);
    world.end(world.process(), exited(0));
    expect(world.reports.at(-1)).toEqual({ event: "exit", exit: exited(0), isCritical: true });
    expect(world.has("run")).toBe(false);
    world.pass(1000);
    world.command("term");
    world.end(world.process(), exited(0));
    expect(world.reports.at(-1)).toMatchObject({ event: "exit", isCritical: false });
  });

  test("a run that cannot be started counts as a failure", () => {
    const world = new World({ starts: "no exec", settings: settingsOf({ limit: { count: 2, millis: 60_000 } }) });
    world.pass(60_000);
    expect(world.done.filter((what) => what === "run")).toHaveLength(3);
    expect(world.state.service.outcome).toMatchObject({ reason: "restart-limit" });
  });
});

describe("stopping", () => {
  test("down-signal takes the place of TERM for d, x and t", () => {
    for (const command of ["down", "exit", "term"] as const) {
      const world = new World({ settings: { downSignal: 3 } });
      world.command(command);
      expect(world.done[1]).toBe("QUIT run");
      expect(world.state.service.gotTerm).toBe(true);
    }
  });

  test("a finish that hangs is killed after timeout-finish, once", () => {
    const world = new World({ hasFinish: true, settings: { timeoutFinish: 500 } });
    world.pass(2000);
    world.end(world.process());
    world.pass(499);
    expect(world.done.at(-1)).toBe("finish");
    world.pass(60_000);
    expect(world.done.filter((what) => what === "KILL finish")).toHaveLength(1);
    world.end(world.process("finish"), killed(9));
    expect(world.has("run")).toBe(true);
  });
});
