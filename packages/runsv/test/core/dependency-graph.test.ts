import { describe, expect, test } from "vitest";

import { decodeDetails, noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import { decodeStatus, type StatusRecord } from "@upkeep/supervise/core/status";

import { findWaiting } from "../../src/core/dependency-graph.ts";
import {
  judgeDependency,
  missing,
  satisfied,
  unsatisfied,
  type DependencyState,
} from "../../src/core/dependency-state.ts";
import { renderStatus } from "../../src/core/status.ts";
import { nextDeadline } from "../../src/core/supervisor.ts";
import { World } from "../helpers/world.ts";

/** Services by name: what they need, and whether they are satisfied. */
type Services = Readonly<Record<string, { readonly needs: readonly string[]; readonly is?: DependencyState }>>;

function stuck(problem: string): DependencyState {
  return { kind: "unsatisfied", problem, note: null };
}

function lookAround(name: string, services: Services) {
  return findWaiting(name, {
    stateOf: (other) => (services[other] === undefined ? missing : (services[other].is ?? unsatisfied)),
    needsOf: (other) => services[other]?.needs ?? [],
  });
}

describe("what a service waits for", () => {
  test.each<[string, Services, readonly string[], string | null]>([
    ["nothing", { app: { needs: [] } }, [], null],
    ["what is satisfied", { app: { needs: ["db"] }, db: { needs: [], is: satisfied } }, [], null],
    [
      "some",
      {
        app: { needs: ["db", "cache", "job"] },
        db: { needs: [] },
        cache: { needs: [] },
        job: { needs: [], is: satisfied },
      },
      ["cache", "db"],
      null,
    ],
    ["one that is missing", { app: { needs: ["db"] } }, ["db"], `dependency "db" does not exist`],
    ["two that are missing", { app: { needs: ["x", "y"] } }, ["x", "y"], `dependencies "x", "y" do not exist`],
    ["itself", { app: { needs: ["app"] } }, ["app"], "dependency cycle: app, app"],
    [
      "a cycle",
      { app: { needs: ["b"] }, b: { needs: ["c"] }, c: { needs: ["app"] } },
      ["b"],
      "dependency cycle: app, b, c, app",
    ],
    [
      "a cycle of others, who say so themselves",
      { app: { needs: ["b"] }, b: { needs: ["c"] }, c: { needs: ["b"] } },
      ["b"],
      null,
    ],
    [
      "a cycle that is satisfied half-way",
      { app: { needs: ["b", "d"] }, b: { needs: ["app"], is: satisfied }, d: { needs: [] } },
      ["d"],
      null,
    ],
    ["one that is stuck", { app: { needs: ["db"] }, db: { needs: [], is: stuck("is down") } }, ["db"], "db is down"],
    [
      "some that are stuck, each in its way",
      {
        app: { needs: ["a", "db", "x", "app"] },
        a: { needs: [], is: stuck("has failed: ./run exited 7") },
        db: { needs: [], is: stuck("is down") },
      },
      ["a", "app", "db", "x"],
      'dependency cycle: app, app; dependency "x" does not exist; a has failed: ./run exited 7; db is down',
    ],
  ])("%s", (_, services, names, problem) => {
    expect(lookAround("app", services)).toEqual({ names, problem, note: null });
  });

  test("what is worth to know of those that may be satisfied soon", () => {
    const services = {
      app: { needs: ["job", "x"] },
      job: { needs: [], is: { ...unsatisfied, note: "has not ended" } },
    };
    expect(lookAround("app", services)).toEqual({
      names: ["job", "x"],
      problem: 'dependency "x" does not exist',
      note: "job has not ended",
    });
  });
});

describe("what a supervisor says of its service", () => {
  const since = { seconds: 1000, nanoseconds: 0 };
  const record = (state: StatusRecord["state"], want: "up" | "down" = "up"): StatusRecord => ({
    since,
    pid: state === "down" ? 0 : 5,
    paused: false,
    want,
    gotTerm: false,
    state,
  });
  const details = (some: Partial<StateDetails>): StateDetails => ({
    ...noDetails,
    want: "up",
    ready: false,
    satisfied: false,
    waitingFor: [],
    ...some,
  });
  const failed = { reason: "restart", text: "./run exited 7", at: "2026-01-01T00:00:00Z" };
  const note = "has not ended, and has no ready-after";

  test.each<[string, StatusRecord, StateDetails | null, number, DependencyState]>([
    ["ready", record("run"), details({ ready: true, satisfied: true }), 0, satisfied],
    ["done", record("down", "down"), details({ want: "down", satisfied: true }), 0, satisfied],
    ["running under runit", record("run"), null, 90, satisfied],
    ["down under runit", record("down", "down"), null, 0, stuck("is down")],
    ["about to start under runit", record("down"), null, 0, unsatisfied],
    ["down", record("down", "down"), details({ want: "down" }), 0, stuck("is down")],
    ["about to start", record("down"), details({}), 0, unsatisfied],
    ["about to exit", record("down", "down"), details({ want: "exit" }), 0, unsatisfied],
    ["to run once", record("down", "down"), details({ want: "down", once: true }), 0, unsatisfied],
    ["failed", record("down", "down"), details({ want: "down", failed }), 0, stuck("has failed: ./run exited 7")],
    ["starting", record("run"), details({ readiness: "check" }), 90, unsatisfied],
    ["in finish", record("finish"), details({}), 90, unsatisfied],
    ["a job, or a daemon", record("run"), details({}), 29, { kind: "unsatisfied", problem: null, note }],
    ["a daemon, most likely", record("run"), details({}), 30, stuck(note)],
  ])("%s", (_, status, known, seconds, expected) => {
    expect(judgeDependency(status, known, since.seconds + seconds)).toEqual(expected);
  });
});

describe("one that is to be started once", () => {
  const judge = (world: World): DependencyState => {
    const files = renderStatus(world.state.service, "app");
    const record = decodeStatus(files.status);
    if (record === null) return expect.unreachable();
    return judgeDependency(record, decodeDetails(files["state.json"], record), 0);
  };

  test("is not down while control/u runs", () => {
    const world = new World({ down: true, scripts: new Set(["u"]) });
    expect(judge(world)).toEqual(stuck("is down"));
    world.command("once");
    expect(world.state.service.state.kind).toBe("starting");
    expect(judge(world)).toEqual(unsatisfied);
    world.end(world.process("script"));
    expect(judge(world)).toEqual(satisfied);
  });

  test("is not down while it waits for its dependencies, or out its pause", () => {
    const world = new World({ down: true, missing: ["db"] });
    world.command("once");
    expect(judge(world)).toEqual(unsatisfied);
    world.command("down");
    expect(judge(world)).toEqual(stuck("is down"));
    world.command("once");
    world.depend([]);
    world.end(world.process());
    expect(judge(world)).toEqual(stuck("is down"));
    world.command("once");
    expect(world.state.service.state.kind).toBe("down");
    expect(judge(world)).toEqual(unsatisfied);
  });
});

describe("waiting", () => {
  const waiting = (): World => new World({ missing: ["db", "cache"] });
  const said = (world: World): unknown => JSON.parse(renderStatus(world.state.service, "app")["state.json"]);

  test("outside it is down and wanted up, and says for what it waits", () => {
    const world = waiting();
    expect(world.done).toEqual([]);
    expect(said(world)).toMatchObject({ state: "down", want: "up", waitingFor: ["db", "cache"], waitingProblem: null });
  });

  test("it starts the moment that it is told, control/u included", () => {
    const world = new World({ missing: ["db"], scripts: new Set(["u"]) });
    world.depend([]);
    expect(world.done).toEqual(["script u"]);
    world.end(world.process("script"));
    expect(world.done).toEqual(["script u", "run"]);
    expect(said(world)).toMatchObject({ waitingFor: [] });
  });

  test("it starts without being told, too, within a second", () => {
    const world = waiting();
    world.pass(30_000);
    world.options.missing = [];
    world.pass(1000);
    expect(world.done).toEqual(["run"]);
  });

  test("down and exit end it, up and once do not", () => {
    const world = waiting();
    world.command("up", "term", "hup", "kill");
    expect(world.state.service.state.kind).toBe("waiting");
    world.command("once");
    expect(said(world)).toMatchObject({ want: "down", waitingFor: ["db", "cache"] });
    world.command("down");
    expect(world.done).toEqual(["forget"]);
    expect(nextDeadline(world.state)).toBe(Infinity);
    world.depend([]);
    expect(world.done).toEqual(["forget"]);
    world.options.missing = ["db"];
    world.command("up", "exit");
    expect(world.done).toEqual(["forget", "forget", "exit"]);
  });

  test("once is kept while it waits", () => {
    const world = new World({ down: true, missing: ["db"] });
    world.command("once");
    world.depend([]);
    expect(world.done).toEqual(["run"]);
    world.pass(2000);
    world.end(world.process());
    expect(world.has("run")).toBe(false);
  });

  test("what cannot get better by itself is said once", () => {
    const world = new World({ missing: ["db"], problem: `dependency "db" does not exist` });
    world.pass(10_000);
    expect(world.done).toEqual([`warning: waiting for db: dependency "db" does not exist`]);
    world.depend(["db"], null);
    world.depend([]);
    expect(world.done.at(-1)).toBe("run");
  });

  test("what comes and goes is said once for each time that it waits", () => {
    const world = new World({ missing: ["job"] });
    for (const problem of ["job is down", null, "job is down", null, "job has failed: ./run exited 1", "job is down"]) {
      world.depend(["job"], problem);
    }
    const warnings = ["job is down", "job has failed: ./run exited 1"].map(
      (what) => `warning: waiting for job: ${what}`,
    );
    expect(world.done).toEqual(warnings);
    world.depend([]);
    world.options.missing = ["job"];
    world.options.problem = "job is down";
    world.end(world.process());
    world.pass(2000);
    expect(world.done).toEqual([...warnings, "run", warnings[0]]);
  });

  test("what may get better is shown, and not said", () => {
    const world = waiting();
    world.options.note = "db has not ended, and has no ready-after";
    world.pass(2000);
    expect(said(world)).toMatchObject({ waitingProblem: "db has not ended, and has no ready-after" });
    world.options.problem = "cache is down";
    world.pass(2000);
    expect(said(world)).toMatchObject({ waitingProblem: "cache is down; db has not ended, and has no ready-after" });
    expect(world.done).toEqual(["warning: waiting for db, cache: cache is down"]);
  });

  test("each restart asks again; one whose dependency is gone meanwhile waits", () => {
    const world = new World();
    world.pass(2000);
    world.options.missing = ["db"];
    expect(world.has("run")).toBe(true);
    world.end(world.process());
    expect(world.has("run")).toBe(false);
    world.depend([]);
    expect(world.has("run")).toBe(true);
  });
});
