import { describe, expect, test } from "vitest";

import { findWaiting, type Found } from "../src/dependency-graph.ts";
import { renderStatus } from "../src/status.ts";
import { nextDeadline } from "../src/supervisor.ts";
import { World } from "./helpers/world.ts";

/** Services by name: what they need, and whether they are satisfied. */
type Services = Readonly<Record<string, { readonly needs: readonly string[]; readonly is?: Found }>>;

function lookAround(name: string, services: Services) {
  return findWaiting(name, {
    find: (other) => (services[other] === undefined ? "missing" : (services[other].is ?? "unsatisfied")),
    needsOf: (other) => services[other]?.needs ?? [],
  });
}

describe("what a service waits for", () => {
  test.each<[string, Services, readonly string[], string | null]>([
    ["nothing", { app: { needs: [] } }, [], null],
    ["what is satisfied", { app: { needs: ["db"] }, db: { needs: [], is: "satisfied" } }, [], null],
    [
      "some",
      {
        app: { needs: ["db", "cache", "job"] },
        db: { needs: [] },
        cache: { needs: [] },
        job: { needs: [], is: "satisfied" },
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
      { app: { needs: ["b", "d"] }, b: { needs: ["app"], is: "satisfied" }, d: { needs: [] } },
      ["d"],
      null,
    ],
  ])("%s", (_, services, names, problem) => {
    expect(lookAround("app", services)).toEqual({ names, problem });
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
