/* sv blame: how long services took to come up. */
import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { sv, withStock } from "../rig/runit/sv.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

interface Blame {
  readonly services: readonly {
    readonly name: string;
    readonly startedMillis: number | null;
    readonly readyMillis: number | null;
    readonly tookMillis: number | null;
  }[];
  readonly chain: readonly string[];
}

const blameOf = async (rig: TestRig, ...words: readonly string[]): Promise<Blame> =>
  JSON.parse((await rig.run("sv", ["blame", "--json", ...words])).stdout) as Blame;

rigTest("sv blame tells of the first start, whatever came later, and of the critical chain", ourSuites, async (rig) => {
  // It is ready when the test says so; its first start fails.
  const run = shell("test -e failed || { : >failed; exit 1; }", "exec sleep 600");
  const db = rig.service("db", { run, check: shell("test -e go") });
  const web = rig.service("web", { run: shell("exec sleep 600"), files: { "dependencies.d/db": "" } });
  await rig.runsv(web);
  await rig.runsv(db);
  expect((await sv(rig, ["wait", "up", "db"])).code).toBe(0);
  expect((await blameOf(rig, "web")).services[0]).toMatchObject({ name: "db", tookMillis: null });
  writeFileSync(db.file("go"), "");
  expect((await sv(rig, ["wait", "ready", "web", "db"])).code).toBe(0);
  const first = await blameOf(rig);
  expect(first.chain).toEqual(["web", "db"]);
  const [own, other] = first.services;
  // The first start has failed, and the next one comes a second later.
  expect([own?.name, (own?.tookMillis ?? 0) >= 1000, other?.name]).toEqual(["db", true, "web"]);
  expect((await sv(rig, ["restart", "db", "web"])).code).toBe(0);
  expect((await blameOf(rig, "web", "db")).services).toEqual(first.services);
  const { code, stdout } = await rig.run("sv", ["blame", "web"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^SERVICE {2}STATE +WAITED +TOOK +READY AT\ndb {7}ready +\S+ +\S+ +\S+\nweb /);
  expect(stdout).toMatch(/\ncritical chain: @ ready at, \+ took\nweb @\S+ \+0ms\n└ db @\S+ \+\S+\n$/);
});

rigTest("sv blame tells of the start what any runsv tells", withStock, async (rig) => {
  await rig.runsv(rig.service("web", { run: shell("exec sleep 600") }));
  rig.service("idle", { run: shell("exec sleep 600") });
  expect((await sv(rig, ["start", "web"])).code).toBe(0);
  const { services, chain } = await blameOf(rig, "web", "idle");
  expect([services.map(({ name, startedMillis }) => [name, startedMillis !== null]), chain]).toEqual([
    [
      ["web", true],
      ["idle", false],
    ],
    ["web"],
  ]);
  expect((await rig.run("sv", ["blame", "web", "idle"])).code).toBe(1);
});
