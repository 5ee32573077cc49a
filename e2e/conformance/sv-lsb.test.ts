import { rmSync } from "node:fs";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { answer, lsb } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

line("SV-36", "an init script's status is 0 for up, 3 for down, 4 for not to be told, 1 for not supervised", {
  test: async (rig) => {
    const web = rig.service("web");
    const unusable = "warning: web: unable to open supervise";
    expect(await lsb(rig, "web", ["status"])).toMatchObject(answer(`${unusable}/ok: file does not exist\n`, 4));
    const runsv = await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    expect(await lsb(rig, "web", ["status"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns\n`));
    expect(await lsb(rig, "web", ["-w", "1", "status", "other"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns\n`));
    web.supervise.control("d");
    await web.stat("down");
    expect(await lsb(rig, "web", ["status"])).toMatchObject(answer("down: web: Ns, normally up\n", 3));
    rmSync(web.file("supervise/status"));
    expect(await lsb(rig, "web", ["status"])).toMatchObject(answer(`${unusable}/status: file does not exist\n`, 4));
    runsv.kill("SIGKILL");
    await rig.result(runsv);
    expect(await lsb(rig, "web", ["status"])).toMatchObject(answer("fail: web: runsv not running\n", 1));
    const missing = answer("fail: none: unable to change to service directory: file does not exist\n", 1);
    expect(await lsb(rig, "none", ["status"])).toMatchObject(missing);
  },
});

line("SV-38", "an init script's other commands are 0 or 1", {
  test: async (rig) => {
    const web = rig.service("web", { down: true, run: ["trap HUP"] });
    await rig.runsv(web);
    await web.stat("down");
    const { code, stdout } = await lsb(rig, "web", ["start"]);
    const { pid } = await web.run.started();
    expect([code, stdout]).toEqual([0, `ok: run: web: (pid ${pid}) Ns, normally down\n`]);
    expect(await lsb(rig, "web", ["hup"])).toMatchObject(answer(""));
    expect(await lsb(rig, "web", ["stop"])).toMatchObject(answer("ok: down: web: Ns\n"));
    web.run.install(["ignore TERM"]);
    expect((await lsb(rig, "web", ["start"])).code).toBe(0);
    const stubborn = await web.run.started(2);
    // With this the status changes within the second.
    web.supervise.control("d");
    await web.stat("run, got TERM, want down");
    const kept = answer(`timeout: run: web: (pid ${stubborn.pid}) Ns, normally down, want down, got TERM\n`, 1);
    expect(await lsb(rig, "web", ["-w", "1", "stop"])).toMatchObject(kept);
    const missing = answer("fail: none: unable to change to service directory: file does not exist\n", 1);
    expect(await lsb(rig, "none", ["start"])).toMatchObject(missing);
  },
});

async function differingLog(rig: TestRig): Promise<{ readonly upDown: number; readonly downUp: number }> {
  const [one, two] = [rig.service("one", { log: {} }), rig.service("two", { log: {} })];
  for (const service of [one, two]) {
    await rig.runsv(service);
    await service.run.started();
    await service.log.run.started();
    // Before its first start it says "down" as well.
    await service.stat("run");
    await service.logStat("run");
  }
  one.log.supervise.control("d");
  await one.logStat("down");
  two.supervise.control("d");
  await two.stat("down");
  return {
    upDown: (await lsb(rig, "one", ["status"])).code ?? -1,
    downUp: (await lsb(rig, "two", ["status"])).code ?? -1,
  };
}

line("SV-39", "with a log service an init script's status tells the log service's code", {
  stock: async (rig) => {
    expect(await differingLog(rig)).toEqual({ upDown: 3, downUp: 0 });
  },
  ours: async (rig) => {
    expect(await differingLog(rig)).toEqual({ upDown: 0, downUp: 3 });
  },
  instead: "with a log service an init script's status tells the service's own code",
  because: "as runit 2.3.0",
});
