/*
 * The words of sv that runit's does not have. They must not be in the way of runit's own, and they work on stock runsv.
 */
import { existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { privateMounts, withMounts } from "../rig/core/needs.ts";
import { isAlive } from "../rig/process/processes.ts";
import { ScriptedSupervisor } from "../rig/scripted/supervisor.ts";
import { allSuites, mixedSuite, ourSuites, stock, type Suite } from "../rig/core/suites.ts";
import { answer, lsb, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** Our sv with our runsv, and with stock runsv, which has no state.json. */
const withStock: readonly Suite[] = [
  ...ourSuites,
  ...ourSuites
    .filter(() => stock.available)
    .map((suite) => mixedSuite(`sv of ${suite.name}, stock runsv`, stock, { sv: suite })),
];

/** The fields of an entry that matter to these tests. */
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

/** Now, for states that are not to look old. */
const now = (): number => Math.floor(Date.now() / 1000);

describe("runit's words", () => {
  const bytes: Readonly<Record<string, string>> = { h: "h", e: "x", d: "d" };
  rigTest("keep their meaning, whatever new words begin like them", allSuites, async (rig) => {
    using web = new ScriptedSupervisor(rig.path("service/web"), { state: "run", at: now() - 60, pid: 1 });
    for (const word of ["health", "enable", "disable", "list", "wait"]) {
      for (let length = 1; length < word.length; length += 1) {
        const { code, stdout, stderr } = await rig.run("sv", [word.slice(0, length), "web"]);
        const sent = bytes[word.charAt(0)] ?? "";
        expect([word.slice(0, length), web.commands(), stdout, code]).toEqual([
          word.slice(0, length),
          sent,
          "",
          sent === "" ? 100 : 0,
        ]);
        expect(stderr).toBe(sent === "" ? "usage: sv [-v] [-w sec] command service ...\n\n" : "");
      }
    }
  });

  rigTest("are all that an init script knows", allSuites, async (rig) => {
    using web = new ScriptedSupervisor(rig.path("service/web"), { state: "run", at: now() - 60, pid: 1 });
    expect((await lsb(rig, "web", ["health"])).code).toBe(0);
    expect(web.commands()).toBe("h");
    expect((await lsb(rig, "web", ["list"])).code).toBe(2);
  });
});

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

rigTest("say what is wrong with a command line of theirs", ourSuites, async (rig) => {
  const usage = "usage: sv wait [-t sec] up|down|ready|failed service ...\n\n";
  const { code, stdout, stderr } = await rig.run("sv", ["wait", "ready", "-t", "1", "web"]);
  expect([code, stdout, stderr]).toEqual([100, "", `sv wait: option must come before the state -- t\n${usage}`]);
});

describe("a service that may be a job, and says nothing of its readiness", () => {
  rigTest("is healthy while it runs, and keeps those that wait for it waiting", ourSuites, async (rig) => {
    const web = rig.service("web", { run: ["trap HUP"], files: { restart: "on-failure\n" } });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    const line = `run: web: (pid ${pid}) Ns\n`;
    expect(await sv(rig, ["-v", "health"])).toMatchObject(answer(`ok: ${line}`));
    expect((await sv(rig, ["-w", "90", "start", "web"])).stdout).toBe(`ok: ${line}`);
    expect((await rig.run("sv", ["list"])).stdout).toMatch(/^web {6}run {4}up {4}- {6}\d+s {2}/m);
    expect(await sv(rig, ["wait", "-t", "0.5", "ready", "web"])).toMatchObject(answer(`timeout: ${line}`, 1));
    const ready = rig.start("sv", ["wait", "-t", "90", "ready", "web"]);
    await web.run.exit(0);
    expect(await rig.result(ready)).toMatchObject(answer(""));
    expect((await rig.run("sv", ["list"])).stdout).toMatch(/^web {6}down {3}down {2}done {3}\d+s {2}/m);
    expect(await sv(rig, ["health"])).toMatchObject(answer(""));
  });
});

describe("health", () => {
  rigTest("is good when all that is wanted up is up", withStock, async (rig) => {
    const [web, off] = [rig.service("web"), rig.service("off", { down: true })];
    await rig.runsv(web);
    await rig.runsv(off);
    await web.run.started();
    await web.stat("run");
    expect(await sv(rig, ["health"])).toMatchObject(answer(""));
    expect(await sv(rig, ["health", "off"])).toMatchObject(answer(""));
  });

  rigTest("names each one that is not", withStock, async (rig) => {
    const web = rig.service("web", { check: { text: "#!/bin/sh\nexit 1\n" } });
    const bad = rig.service("bad", { run: { text: "exit 0\n", mode: 0o644 } });
    await rig.runsv(web);
    await rig.runsv(bad);
    const { pid } = await web.run.started();
    await web.stat("run");
    await rig.until("a failed start", () => bad.supervise.isSupervised() && bad.supervise.stat() === "down");
    const known = await sv(rig, ["-w", "1", "health", "nosuch", "web"]);
    expect(known.code).toBe(1);
    expect(known.stdout.split("\n")[0]).toBe(
      "fail: nosuch: unable to change to service directory: file does not exist",
    );
    expect(known.stdout.split("\n")[1]).toMatch(
      new RegExp(`^fail: run: web: \\(pid ${pid}\\) Ns, (check script fails|not ready)$`),
    );
    // Until the child has failed, once a second, runit's shows it as running.
    await rig.until("the failure", async () => {
      const { code, stdout } = await sv(rig, ["-w", "1", "health", "bad"]);
      return code === 1 && stdout === "fail: down: bad: Ns, normally up, want up\n";
    });
  });

  rigTest("is bad while a service gets ready, and once one has failed", ourSuites, async (rig) => {
    const at = now() - 60;
    const unready = { ready: false, readiness: "notification-fd", waitingFor: [], failed: null };
    using web = new ScriptedSupervisor(rig.path("service/web"), { state: "run", at, pid: 1, more: unready });
    expect(await sv(rig, ["health"])).toMatchObject(answer("fail: run: web: (pid 1) Ns, not ready\n", 1));
    const since = new Date(at * 1000 + 5000).toISOString();
    web.say({ state: "run", at, pid: 1, more: { ...unready, ready: true, readySince: since } });
    expect(await sv(rig, ["health"])).toMatchObject(answer(""));
    expect(await sv(rig, ["-v", "health"])).toMatchObject(answer("ok: run: web: (pid 1) Ns, ready Ns\n"));
    const failed = { reason: "restart-limit", text: "3 failures within 10 seconds", at: since };
    web.say({ state: "down", at: at + 9, want: "down", more: { ...unready, failed } });
    expect(await sv(rig, ["health"])).toMatchObject(
      answer("fail: down: web: Ns, normally up, failed: 3 failures within 10 seconds\n", 1),
    );
  });
});

describe("wait", () => {
  rigTest("ends when all services are where they are waited for", withStock, async (rig) => {
    const web = rig.service("web", { down: true });
    await rig.runsv(web);
    await web.stat("down");
    expect(await sv(rig, ["wait", "down", "web"])).toMatchObject(answer(""));
    const up = rig.start("sv", ["wait", "-t", "60", "up", "web"]);
    const ready = rig.start("sv", ["wait", "-t", "60", "ready", "web"]);
    await sv(rig, ["up", "web"]);
    for (const command of [up, ready]) expect(await rig.result(command)).toMatchObject(answer(""));
    const down = rig.start("sv", ["wait", "-t", "60", "down", "web"]);
    const { pid } = await web.run.started();
    await sv(rig, ["down", "web"]);
    expect(await rig.result(down)).toMatchObject(answer(""));
    expect(isAlive(pid)).toBe(false);
  });

  rigTest("says which ones are not when the time is over", withStock, async (rig) => {
    const [web, off] = [rig.service("web"), rig.service("off", { down: true })];
    rig.service("idle");
    await rig.runsv(web);
    await rig.runsv(off);
    await web.run.started();
    await web.stat("run");
    expect(await sv(rig, ["wait", "-t", "0.5", "up", "web", "off"])).toMatchObject(
      answer("timeout: down: off: Ns\n", 1),
    );
    expect(await sv(rig, ["wait", "-t0", "ready", "nosuch"])).toMatchObject(
      answer("fail: nosuch: unable to change to service directory: file does not exist\n", 1),
    );
    expect(await sv(rig, ["wait", "-t0", "ready", "idle"])).toMatchObject(
      answer("warning: idle: unable to open supervise/ok: file does not exist\n", 1),
    );
  });

  rigTest("takes in a supervisor that is only started", withStock, async (rig) => {
    const web = rig.service("web");
    const wait = rig.start("sv", ["wait", "-t", "60", "up", "web"]);
    await rig.runsv(web);
    expect(await rig.result(wait)).toMatchObject(answer(""));
  });

  rigTest(
    "is for the check script where nothing else tells of readiness",
    withStock.filter(({ ours }) => !ours),
    async (rig) => {
      const web = rig.service("web", { check: { text: "#!/bin/sh\ntest -e open\n" } });
      await rig.runsv(web);
      const { pid } = await web.run.started();
      await web.stat("run");
      expect(await sv(rig, ["wait", "-t", "0.5", "ready", "web"])).toMatchObject(
        answer(`timeout: run: web: (pid ${pid}) Ns\n`, 1),
      );
      const wait = rig.start("sv", ["wait", "-t", "60", "ready", "web"]);
      writeFileSync(web.file("open"), "");
      expect(await rig.result(wait)).toMatchObject(answer(""));
    },
  );

  rigTest("sees a service get ready, and fail", ourSuites, async (rig) => {
    const at = now() - 60;
    const more = { ready: false, readiness: "notification-fd", failed: null };
    using web = new ScriptedSupervisor(rig.path("service/web"), { state: "run", at, pid: 1, more });
    expect(await sv(rig, ["wait", "up", "web"])).toMatchObject(answer(""));
    const ready = rig.start("sv", ["wait", "-t", "60", "ready", "web"]);
    const failing = rig.start("sv", ["wait", "-t", "60", "failed", "web"]);
    expect(await sv(rig, ["wait", "-t0", "ready", "web"])).toMatchObject(
      answer("timeout: run: web: (pid 1) Ns, not ready\n", 1),
    );
    web.say({ state: "run", at, pid: 1, more: { ...more, ready: true, readySince: new Date().toISOString() } });
    expect(await rig.result(ready)).toMatchObject(answer(""));
    expect(failing.ending).toBeUndefined();
    const failed = { reason: "finish", text: "./finish exited 125", at: new Date().toISOString() };
    web.say({ state: "down", at: at + 30, more: { ...more, failed } });
    expect(await rig.result(failing)).toMatchObject(answer(""));
    // Nobody need wait for what will not come.
    expect(await sv(rig, ["wait", "-t", "99999", "ready", "web"])).toMatchObject(
      answer("fail: down: web: Ns, normally up, want up, failed: ./finish exited 125\n", 1),
    );
  });
});

describe("start and check", () => {
  rigTest("wait until the service is ready", ourSuites, async (rig) => {
    const at = now() - 60;
    const more = { ready: false, readiness: "notification-fd", failed: null };
    using web = new ScriptedSupervisor(rig.path("service/web"), { state: "run", at, pid: 1, more });
    expect(await sv(rig, ["-w", "1", "check", "web"])).toMatchObject(
      answer("timeout: run: web: (pid 1) Ns, not ready\n", 1),
    );
    const start = rig.start("sv", ["-w", "60", "start", "web"]);
    await rig.until("the command", () => web.commands() === "u");
    expect(start.ending).toBeUndefined();
    web.say({ state: "run", at, pid: 1, more: { ...more, ready: true, readySince: new Date().toISOString() } });
    const { code, stdout } = await rig.result(start);
    expect([code, stdout.replaceAll(/\d+s/g, "Ns")]).toEqual([0, "ok: run: web: (pid 1) Ns, ready Ns\n"]);
  });

  rigTest("tell a service that has failed for good, and what one waits for", ourSuites, async (rig) => {
    const at = now() - 60;
    const failed = { reason: "restart-limit", text: "3 failures within 10 seconds", at: new Date().toISOString() };
    using web = new ScriptedSupervisor(rig.path("service/web"), { state: "down", at, more: { failed } });
    expect(await sv(rig, ["-w", "99999", "check", "web"])).toMatchObject(
      answer("fail: down: web: Ns, normally up, want up, failed: 3 failures within 10 seconds\n", 1),
    );
    web.say({ state: "down", at, more: { failed: null, waitingFor: ["db", "cache"], waitingProblem: null } });
    const waits = "down: web: Ns, normally up, want up, waiting for db cache\n";
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(waits));
    expect(await sv(rig, ["-w", "1", "start", "web"])).toMatchObject(answer(`timeout: ${waits}`, 1));
  });
});

describe("enable and disable", () => {
  rigTest("stop a service for good, and start it again", withStock, async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    await web.run.started();
    for (let count = 0; count < 2; count += 1) {
      expect(await sv(rig, ["disable", "web"])).toMatchObject(answer("ok: down: web: Ns\n"));
      expect(existsSync(web.file("down"))).toBe(true);
    }
    for (let count = 0; count < 2; count += 1) {
      const { code, stdout } = await sv(rig, ["enable", "web"]);
      const { pid } = await web.run.started(2);
      expect([code, stdout]).toEqual([0, `ok: run: web: (pid ${pid}) Ns\n`]);
      expect(existsSync(web.file("down"))).toBe(false);
    }
  });

  rigTest("link a service into the scan directory, where its scanner starts it", ourSuites, async (rig) => {
    const available = rig.path("available");
    const db = rig.service("db", { down: true }, available);
    rig.start("runsvdir", [rig.services]);
    expect(await sv(rig, ["enable", db.path])).toMatchObject(answer(`ok: ${db.path}: enabled\n`));
    await db.run.started();
    expect(readlinkSync(rig.path("service/db"))).toBe(db.path);
    await rig.until("the supervisor", () => db.supervise.isSupervised());
    expect((await sv(rig, ["enable", `${available}/./db`])).code).toBe(0);
    expect((await sv(rig, ["disable", "db"])).stdout).toBe("ok: down: db: Ns\n");
    // What locks the directory meanwhile is gone.
    expect(readdirSync(rig.services).filter((name) => name.startsWith(".sv"))).toEqual([]);
  });

  rigTest("refuse in a line what cannot be", ourSuites, async (rig) => {
    const available = rig.path("available");
    rig.service("web", {}, available);
    rig.service("web");
    mkdirSync(rig.path("available/empty"));
    const refusals: readonly (readonly [word: string, name: string, message: string])[] = [
      ["enable", `${available}/web`, `${rig.services}/web is another service`],
      ["enable", `${available}/empty`, `unable to stat ${available}/empty/run: file does not exist`],
      ["enable", `${available}/none`, "unable to change to service directory: file does not exist"],
      ["enable", "none", `unable to find it in ${rig.services} or /etc/sv: file does not exist`],
      ["enable", ".hidden", "a service cannot have this name"],
      ["disable", "none", "unable to change to service directory: file does not exist"],
    ];
    for (const [word, name, message] of refusals) {
      expect(await sv(rig, [word, name])).toMatchObject(answer(`fail: ${name}: ${message}\n`, 1));
    }
    // A refused one is not in the way of the others.
    expect(await sv(rig, ["disable", "none", "web"])).toMatchObject(
      answer("fail: none: unable to change to service directory: file does not exist\nok: web: disabled\n", 1),
    );
    expect(existsSync(rig.path("service/web/down"))).toBe(true);
  });

  rigTest("take turns when several change the same directory", ourSuites, async (rig) => {
    const names = Array.from({ length: 6 }, (_, number) => `web${number}`);
    for (const name of names) rig.service(name, { down: true }, rig.path("available"));
    const started = names.map((name) => rig.start("sv", ["enable", rig.path("available", name)]));
    for (const command of started) expect((await rig.result(command)).code).toBe(0);
    expect(readdirSync(rig.services).toSorted()).toEqual(names);
  });

  rigTest(
    "find a service by its name in /etc/sv",
    ourSuites,
    async (rig) => {
      rig.service("web", { down: true }, rig.path("available"));
      const under = withMounts(`--bind ${rig.path("available")} /etc/sv`);
      expect(await sv(rig, ["enable", "web"], { under })).toMatchObject(answer("ok: web: enabled\n"));
      expect(readlinkSync(rig.path("service/web"))).toBe("/etc/sv/web");
      expect(existsSync(rig.path("available/web/down"))).toBe(false);
    },
    { needs: privateMounts ?? (existsSync("/etc/sv") ? undefined : "/etc/sv; to enable: apt-get install runit") },
  );
});

rigTest("a pattern stands for the log services that there are", withStock, async (rig) => {
  const web = rig.service("web", { down: true, log: {} });
  const bare = rig.service("worker", { down: true });
  for (const service of [web, bare]) {
    await rig.runsv(service);
    await service.stat("down");
  }
  const { pid } = await web.log.run.started();
  await web.logStat("run");
  expect(await sv(rig, ["status", "w*/log"])).toMatchObject(answer(`run: web/log: (pid ${pid}) Ns\n`));
  const none = `fail: wo*/log: no service matches this pattern in ${rig.services}\n`;
  expect(await sv(rig, ["status", "wo*/log"])).toMatchObject(answer(none, 1));
});

rigTest("a pattern stands for the services that it matches", withStock, async (rig) => {
  const services = ["web-1", "web-2", "db"].map((name) => rig.service(name, { down: true }));
  for (const service of services) {
    await rig.runsv(service);
    await service.stat("down");
  }
  symlinkSync("db", rig.path("service/?"));
  expect(await sv(rig, ["status", "web-*", "?", "d[a-c]", "x*", "./web-*", "./x*", `${rig.root}/s*/db`])).toMatchObject(
    answer(
      [
        "down: web-1: Ns",
        "down: web-2: Ns",
        "down: ?: Ns",
        "down: db: Ns",
        `fail: x*: no service matches this pattern in ${rig.services}`,
        "down: ./web-1: Ns",
        "down: ./web-2: Ns",
        "fail: ./x*: no service matches this pattern in .",
        `fail: ${rig.root}/s*/db: unable to change to service directory: file does not exist`,
        "",
      ].join("\n"),
      3,
    ),
  );
  const path = `${rig.services}/web-`;
  expect(await sv(rig, ["status", `${path}*`])).toMatchObject(answer(`down: ${path}1: Ns\ndown: ${path}2: Ns\n`));
  const waiting = await sv(rig, ["wait", "-t", "99999", "up", "x*"]);
  expect(waiting).toMatchObject(answer(`fail: x*: no service matches this pattern in ${rig.services}\n`, 1));
  const { code, stdout } = await sv(rig, ["start", "web-*"]);
  expect(stdout.split("\n").toSorted().join("\n")).toMatch(/^\nok: run: web-1: .*\nok: run: web-2: .*$/);
  expect(code).toBe(0);
});
