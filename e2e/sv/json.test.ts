/* sv status --json and sv list, also on stock runsv. */
import { describe, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { now, ScriptedSupervisor } from "../rig/scripted/supervisor.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv, withStock } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** The fields of an entry that these tests use. */
interface Entry {
  readonly name: string;
  readonly supervised: boolean;
  readonly error: string | null;
  readonly state: string | null;
  readonly pid: number | null;
  readonly want: string | null;
  readonly starts: number | null;
  readonly ready: boolean | null;
  readonly readiness: string | null;
  readonly failed: unknown;
  readonly log: Entry | null;
}

async function json(rig: TestRig, names: readonly string[]): Promise<{ code: number | undefined; found: Entry[] }> {
  const { code, stdout } = await rig.run("sv", ["status", "--json", ...names]);
  return { code, found: JSON.parse(stdout) as Entry[] };
}

describe("status --json", () => {
  rigTest("tells of each service named, and of its log service", withStock, async (rig) => {
    const web = rig.service("web", { log: {} });
    const off = rig.service("off", { down: true });
    await rig.runsv(web);
    await rig.runsv(off);
    const { pid } = await web.run.started();
    await web.stat("run");
    await web.logStat("run");
    await off.stat("down");
    const { code, found } = await json(rig, ["web", "off"]);
    expect(code).toBe(0);
    expect(found).toMatchObject([
      {
        name: "web",
        supervised: true,
        error: null,
        state: "run",
        pid,
        want: "up",
        log: { name: "web/log", state: "run" },
      },
      { name: "off", supervised: true, error: null, state: "down", pid: null, want: "down", log: null },
    ]);
    expect(found.map(({ starts }) => starts)).toEqual(rig.suite.ours ? [1, 0] : [null, null]);
    expect(Object.keys(found[0] ?? {})).toEqual(Object.keys(found[1] ?? {}));
  });

  rigTest("has entries for what cannot be told of, and counts them as status does", withStock, async (rig) => {
    const web = rig.service("web");
    rig.service("idle");
    await rig.runsv(web);
    await web.run.started();
    const { code, found } = await json(rig, []);
    expect(code).toBe(1);
    expect(found.map(({ name, supervised }) => [name, supervised])).toEqual([
      ["idle", false],
      ["web", true],
    ]);
    expect(found[0]?.error).toBe("unable to open supervise/ok: file does not exist");
    const missing = await json(rig, ["nosuch", "web"]);
    expect(missing.code).toBe(1);
    expect(missing.found[0]?.error).toBe("unable to change to service directory: file does not exist");
    expect((await sv(rig, ["status", "nosuch", "web"])).code).toBe(1);
  });

  rigTest("passes on what state.json says, but not what another state left there", ourSuites, async (rig) => {
    const failed = { reason: "restart-limit", text: "3 failures within 10 seconds", at: "2026-01-02T03:04:05Z" };
    const more = { starts: 3, ready: false, readiness: "check", failed };
    const at = now() - 3600;
    using web = new ScriptedSupervisor(rig.path("service/web"), { state: "down", at, more });
    expect((await json(rig, ["web"])).found).toMatchObject([{ starts: 3, ready: false, readiness: "check", failed }]);
    web.say({ state: "run", at: at + 10, pid: 1 });
    expect((await json(rig, ["web"])).found).toMatchObject([{ starts: null, ready: null, failed: null }]);
  });
});

rigTest("list is a table of all services", withStock, async (rig) => {
  const web = rig.service("web");
  const off = rig.service("a-service-that-is-off", { down: true });
  rig.service("idle");
  await rig.runsv(web);
  await rig.runsv(off);
  await web.run.started();
  await web.stat("run");
  await off.stat("down");
  const { code, stdout } = await rig.run("sv", ["list"]);
  const lines = stdout.trimEnd().split("\n");
  expect(code).toBe(1);
  expect(lines[0]).toBe("SERVICE                STATE  WANT  READY  FOR  RESTARTS  LAST EXIT");
  expect(lines[1]).toMatch(/^a-service-that-is-off {2}down {3}down {2}- {6}\d+s +(0|-) {9}-$/);
  expect(lines[2]).toBe("idle                   unable to open supervise/ok: file does not exist");
  expect(lines[3]).toMatch(/^web {20}run {4}up {4}\S+ +\d+s +(0|-) {9}-$/);
  expect(lines).toHaveLength(4);
});

rigTest("list shows names that control terminals, or are wide, without harm", withStock, async (rig) => {
  for (const name of ["a\x1b[31m", "b\nc", "日本語"]) rig.service(name);
  const { stdout } = await rig.run("sv", ["list"]);
  const trouble = "unable to open supervise/ok: file does not exist";
  expect(stdout.split("\n").slice(1)).toEqual([
    `a\\x1b[31m  ${trouble}`,
    `b\\x0ac     ${trouble}`,
    `日本語     ${trouble}`,
    "",
  ]);
});
