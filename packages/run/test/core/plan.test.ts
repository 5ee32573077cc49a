import { emptyService, type Service } from "@upkeep/import/core/model";
import { expect, test } from "vitest";

import { planRun, WishError, type Wishes } from "../../src/core/plan.ts";
import { readFormation, readNames, readPort } from "../../src/core/wishes.ts";

const nothing: Wishes = { names: [], formation: new Map(), port: null, mayDie: new Set(), restarted: new Set() };

function service(name: string, port: number | null, rest: Partial<Service> = {}): Service {
  const environment: Service["environment"] = port === null ? [] : [["PORT", [String(port)]]];
  return { ...emptyService(name, "Procfile"), environment, ...rest };
}

const release = service("release", null, { settings: { restart: "never" } });
const web = service("web", 5000, { dependencies: ["release"] });
const worker = service("worker", 5100, { dependencies: ["release"] });
const all = [web, worker, release];

/** Each service with its variables, as text. */
const portsOf = (services: readonly Service[]): Readonly<Record<string, string>> =>
  Object.fromEntries(services.map(({ name, environment }) => [name, environment.map(String).join()]));

test("one process has the name of its type, several have numbers, and each has a port", () => {
  expect(portsOf(planRun(all, { ...nothing, formation: readFormation("web=2") }))).toEqual({
    "web.1": "PS,web.1,PORT,5000",
    "web.2": "PS,web.2,PORT,5001",
    worker: "PS,worker.1,PORT,5100",
    release: "PS,release.1",
  });
  expect(portsOf(planRun(all, { ...nothing, port: 8000, formation: readFormation("all=2,web=0") }))).toEqual({
    "worker.1": "PS,worker.1,PORT,8100",
    "worker.2": "PS,worker.2,PORT,8101",
    release: "PS,release.1",
  });
});

test("the end of a process ends all; of a release only its failure does", () => {
  const settings = Object.fromEntries(planRun(all, nothing).map((each) => [each.name, each.settings]));
  expect(settings).toEqual({
    web: { "flag-critical": "any-exit" },
    worker: { "flag-critical": "any-exit" },
    release: { restart: "never", "flag-critical": "" },
  });
});

test("options and the source can say that it does not", () => {
  const own = service("own", null, { settings: { restart: "on-failure" } });
  const wishes = { ...nothing, mayDie: readNames("web"), restarted: readNames("worker") };
  const settings = Object.fromEntries(planRun([...all, own], wishes).map((each) => [each.name, each.settings]));
  expect(settings["web"]).toEqual({ restart: "never" });
  expect(settings["worker"]).toEqual({ restart: "always" });
  expect(settings["own"]).toEqual({ restart: "on-failure" });
  const everybody = planRun(all, { ...nothing, mayDie: readNames("all") });
  expect(everybody.map((each) => each.settings["flag-critical"])).toEqual([undefined, undefined, ""]);
});

test("what is not run is not waited for, and each of several is", () => {
  expect(planRun(all, { ...nothing, names: ["web"] }).map(({ dependencies }) => dependencies)).toEqual([[]]);
  const client = service("client", null, { dependencies: ["web"] });
  const planned = planRun([web, client], { ...nothing, formation: readFormation("web=2") });
  expect(planned.at(-1)?.dependencies).toEqual(["web.1", "web.2"]);
});

test("a PORT that is no number stays as it is", () => {
  const odd = service("odd", null, { environment: [["PORT", ["http"]], { path: ["env"], optional: true }] });
  expect(planRun([odd], { ...nothing, port: 8000 })[0]?.environment.slice(1)).toEqual(odd.environment);
});

test("a name that is not there is an error, wherever it stands", () => {
  for (const wishes of [
    { names: ["none"] },
    { formation: readFormation("none=1") },
    { mayDie: readNames("none") },
    { restarted: readNames("web,none") },
  ]) {
    expect(() => planRun(all, { ...nothing, ...wishes })).toThrow(
      new WishError("there is no none: web, worker, release"),
    );
  }
});

test("reads formations, names and ports, and nothing else", () => {
  expect([...readFormation(" web=2 , all=0,")]).toEqual([
    ["web", 2],
    ["all", 0],
  ]);
  for (const text of ["web", "web=", "=2", "web=two", "web=-1"]) expect(() => readFormation(text)).toThrow(WishError);
  expect([...readNames("a, b,,")]).toEqual(["a", "b"]);
  expect(readPort("65535")).toBe(65_535);
  for (const text of ["0", "65536", "-1", "80a", ""]) expect(() => readPort(text)).toThrow(WishError);
});
