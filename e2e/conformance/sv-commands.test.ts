import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { isAlive } from "../rig/process/processes.ts";
import { answer, sv } from "../rig/runit/sv.ts";

line("SV-13", "up prints nothing, -v up and start print the outcome", {
  test: async (rig) => {
    const web = rig.service("web", { down: true });
    await rig.runsv(web);
    await web.stat("down");
    expect(await sv(rig, ["up", "web"])).toMatchObject(answer(""));
    const { pid } = await web.run.started();
    const up = answer(`ok: run: web: (pid ${pid}) Ns, normally down\n`);
    expect(await sv(rig, ["-v", "up", "web"])).toMatchObject(up);
    expect(await sv(rig, ["start", "web"])).toMatchObject(up);
    expect(await sv(rig, ["-w", "9", "u", "web"])).toMatchObject(up);
  },
});

line("SV-14", "stop waits until the service is down, finish included", {
  test: async (rig) => {
    const web = rig.service("web", { finish: [] });
    await rig.runsv(web);
    await web.run.started();
    const stop = rig.start("sv", ["stop", "web"], { env: { SVWAIT: "60" } });
    await web.finish.started();
    await web.stat("finish, want down");
    expect((await sv(rig, ["status", "web"])).stdout).toMatch(/^finish: /);
    expect(stop.ending).toBeUndefined();
    await web.finish.exit(0);
    expect((await rig.result(stop)).stdout).toMatch(/^ok: down: web: \d+s, normally up\n$/);
    expect(stop.ending?.code).toBe(0);
  },
});

line("SV-17", "restart of a service that has been up for a second waits for the new process", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.run.tell("sleep 1");
    const { code, stdout } = await sv(rig, ["restart", "web"]);
    const next = await web.run.started(2);
    expect(next.pid).not.toBe(pid);
    expect([code, stdout]).toEqual([0, `ok: run: web: (pid ${next.pid}) Ns\n`]);
    expect(isAlive(pid)).toBe(false);
  },
});

line("SV-18", "restart starts a service that is down", {
  test: async (rig) => {
    const web = rig.service("web", { down: true });
    await rig.runsv(web);
    await web.stat("down");
    const { code, stdout } = await sv(rig, ["restart", "web"]);
    const { pid } = await web.run.started();
    expect([code, stdout]).toEqual([0, `ok: run: web: (pid ${pid}) Ns, normally down\n`]);
  },
});

line("SV-19", "try-restart and force-reload leave a service down", {
  test: async (rig) => {
    const web = rig.service("web", { down: true, log: { run: ["trap HUP"] } });
    await rig.runsv(web);
    await web.stat("down");
    for (const word of ["try-restart", "force-reload"]) {
      expect(await sv(rig, [word, "web"])).toMatchObject(answer("ok: down: web: Ns\n"));
    }
    await web.turn();
    expect(web.run.starts()).toHaveLength(0);
  },
});

line("SV-20", "reload sends HUP and reports at once", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap HUP"] });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    expect(await sv(rig, ["reload", "web"])).toMatchObject(answer(`ok: run: web: (pid ${pid}) Ns\n`));
    await web.run.signalled("HUP");
    web.supervise.control("d");
    await web.stat("down");
    expect(await sv(rig, ["reload", "web"])).toMatchObject(answer("ok: down: web: Ns, normally up\n"));
  },
});

line("SV-25", "once leaves a service up that is up, but wants it down", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    expect(await sv(rig, ["once", "web"])).toMatchObject(answer(""));
    await web.stat("run, want down");
    const down = answer(`ok: run: web: (pid ${pid}) Ns, want down\n`);
    expect(await sv(rig, ["-v", "once", "web"])).toMatchObject(down);
    expect(isAlive(pid)).toBe(true);
  },
});
