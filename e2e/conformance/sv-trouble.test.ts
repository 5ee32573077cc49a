import { chmodSync } from "node:fs";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import { nobody, root, user } from "../rig/process/under.ts";

line("SV-08", "there is no such service directory", {
  test: async (rig) => {
    const trouble = answer("fail: web: unable to change to service directory: file does not exist\n", 1);
    for (const word of ["status", "up", "start", "exit", "check"]) {
      expect(await sv(rig, [word, "web"])).toMatchObject(trouble);
    }
  },
});

line("SV-09", "the service was never supervised", {
  test: async (rig) => {
    rig.service("web");
    const trouble = answer("warning: web: unable to open supervise/ok: file does not exist\n", 1);
    for (const word of ["status", "up", "start", "exit"]) {
      expect(await sv(rig, [word, "web"])).toMatchObject(trouble);
    }
  },
});

line("SV-10", "runsv is gone, which is a failure but for those commands that end it", {
  test: async (rig) => {
    const web = rig.service("web");
    const runsv = await rig.runsv(web);
    await web.stat("run");
    runsv.kill("SIGKILL");
    await rig.result(runsv);
    for (const word of ["status", "up", "stop", "check"]) {
      expect(await sv(rig, [word, "web"])).toMatchObject(answer("fail: web: runsv not running\n", 1));
    }
    for (const word of ["exit", "x", "shutdown", "force-shutdown"]) {
      expect(await sv(rig, [word, "web"])).toMatchObject(answer("ok: web: runsv not running\n"));
    }
  },
});

line("SV-12", "another user may look and send only as far as modes allow", {
  needs: root,
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    const asNobody = { under: user(nobody, nobody) };
    const warning = "warning: web: unable to open supervise";
    expect(await sv(rig, ["status", "web"], asNobody)).toMatchObject(answer(`${warning}/ok: access denied\n`, 1));
    chmodSync(web.supervise.path, 0o755);
    expect(await sv(rig, ["status", "web"], asNobody)).toMatchObject(answer(`${warning}/ok: access denied\n`, 1));
    chmodSync(web.file("supervise/ok"), 0o622);
    expect(await sv(rig, ["status", "web"], asNobody)).toMatchObject(answer(`run: web: (pid ${pid}) Ns\n`));
    for (const word of ["hup", "restart"]) {
      const denied = answer(`${warning}/control: access denied\n`, 1);
      expect(await sv(rig, [word, "web"], asNobody)).toMatchObject(denied);
    }
    chmodSync(web.path, 0o700);
    const closed = answer("fail: web: unable to change to service directory: access denied\n", 1);
    expect(await sv(rig, ["status", "web"], asNobody)).toMatchObject(closed);
  },
});

line("SV-26", "exit ends runsv and says nothing, shutdown waits and says so", {
  test: async (rig) => {
    const [one, two] = [rig.service("one"), rig.service("two", { log: {} })];
    const [first, second] = [await rig.runsv(one), await rig.runsv(two)];
    await one.run.started();
    await two.run.started();
    await two.log.run.started();
    expect(await sv(rig, ["exit", "one"])).toMatchObject(answer(""));
    expect((await rig.result(first)).code).toBe(0);
    expect(await sv(rig, ["shutdown", "two"])).toMatchObject(answer("ok: two: runsv not running\n"));
    expect((await rig.result(second)).code).toBe(0);
  },
});

line("SV-27", "exit of a log service succeeds and does nothing", {
  test: async (rig) => {
    const web = rig.service("web", { log: { run: ["trap HUP TERM"] } });
    await rig.runsv(web);
    await web.log.run.started();
    expect(await sv(rig, ["exit", "./log"], { cwd: web.path })).toMatchObject(answer(""));
    await web.turn();
    expect(web.log.run.signals()).toEqual(["HUP", "HUP"]);
    expect(web.log.supervise.stat()).toBe("run");
  },
});

line("SV-30", "the exit code counts the failures", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    rig.service("fresh");
    await web.stat("run");
    const { code, stdout } = await sv(rig, ["status", "missing", "web", "fresh", "missing"]);
    expect(code).toBe(3);
    expect(stdout.split("\n")).toHaveLength(5);
  },
});

line("SV-30", "the exit code is 99 for more failures than that", {
  test: async (rig) => {
    const names = Array.from({ length: 120 }, (_, number) => `missing-${number}`);
    const { code, stdout } = await sv(rig, ["status", ...names]);
    expect(code).toBe(99);
    expect(stdout.match(/^fail: /gm)).toHaveLength(120);
  },
});
