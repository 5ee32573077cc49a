/* sv health and sv wait, and what start and check wait for, also on stock runsv. */
import { writeFileSync } from "node:fs";
import { describe, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { shell } from "../rig/runit/available.ts";
import { privateMounts } from "../rig/core/needs.ts";
import { isAlive } from "../rig/process/processes.ts";
import { now, ScriptedSupervisor } from "../rig/scripted/supervisor.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { answer, sv, withStock } from "../rig/runit/sv.ts";

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
    // Once a second stock runsv shows it as running, until the child has failed.
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

describe("a log service on a full disk", () => {
  rigTest(
    "is not healthy until there is space again",
    withStock,
    async (rig) => {
      const mounted = "mkdir -p main && mount -t tmpfs -o size=32k none main && exec svlogd main";
      const app = rig.service("app", {
        run: shell("perl -e 'print \"$_\\n\" x 10 for 10000..19999'", "exec sleep 600"),
        log: { run: shell(`exec unshare --mount sh -c '${mounted}'`) },
      });
      await rig.runsv(app);
      const current = (): string => `/proc/${app.log.supervise.pid() ?? 0}/root${app.file("log/main/current")}`;
      await rig.until("a full disk", () => (rig.read(current()) ?? "").length > 20_000);
      await rig.until("bad health", async () => (await sv(rig, ["health", "app"])).code === 1);
      const line = `run: app/log: (pid ${app.log.supervise.pid()}) Ns`;
      expect(await sv(rig, ["health", "app"])).toMatchObject(answer(`fail: ${line}, out of disk space\n`, 1));
      const target = ["--mount", "--target", `${app.log.supervise.pid()}`];
      const remount = ["mount", "-o", "remount,size=8m", app.file("log/main")];
      expect(await rig.run("nsenter", [...target, ...remount])).toMatchObject({ code: 0 });
      expect(await sv(rig, ["health", "app"])).toMatchObject(answer(""));
    },
    { needs: privateMounts },
  );
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
    // There is no need to wait for what will not come.
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
