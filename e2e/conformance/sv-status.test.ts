import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { answer, sv } from "../rig/runit/sv.ts";

line("SV-01", "status of a service that is up tells its pid and since when", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    expect((await rig.run("sv", ["status", "web"])).stdout).toMatch(/^run: web: \(pid \d+\) \d+s\n$/);
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns\n`));
  },
});

line("SV-02", "status of a service that is down, but normally up", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    await web.run.started();
    await web.stat("run");
    web.supervise.control("d");
    await web.stat("down");
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer("down: web: Ns, normally up\n"));
  },
});

line("SV-03", "status with a down file", {
  test: async (rig) => {
    const web = rig.service("web", { down: true });
    await rig.runsv(web);
    await web.stat("down");
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer("down: web: Ns\n"));
    web.supervise.control("u");
    const { pid } = await web.run.started();
    await web.stat("run");
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns, normally down\n`));
  },
});

line("SV-04", "the flags of a service that is up come in their order", {
  test: async (rig) => {
    const web = rig.service("web", { down: true, run: ["trap TERM"] });
    await rig.runsv(web);
    web.supervise.control("u");
    const { pid } = await web.run.started();
    web.supervise.control("pto");
    await web.stat("run, paused, got TERM, want down");
    const flags = "normally down, paused, want down, got TERM";
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns, ${flags}\n`));
  },
});

line("SV-04", "a service that is down, but wanted up, says so", {
  test: async (rig) => {
    const web = rig.service("web", { run: "absent" });
    await rig.runsv(web);
    const expected = "down: web: Ns, normally up, want up\n";
    await rig.until("status to say want up", async () => (await sv(rig, ["status", "web"])).stdout === expected);
  },
});

line("SV-05", "status while finish runs", {
  test: async (rig) => {
    const web = rig.service("web", { finish: [] });
    await rig.runsv(web);
    await web.run.exit(1);
    const { pid } = await web.finish.started();
    await web.stat("finish");
    // Stock runsv says finish a moment before the process exists.
    await rig.until("its pid", () => web.supervise.status().pid === pid);
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`finish: web: (pid ${pid}) Ns\n`));
    web.supervise.control("d");
    await web.stat("finish, want down");
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`finish: web: (pid ${pid}) Ns, want down\n`));
  },
});

line("SV-06", "status tells about the log service on the same line, other commands do not", {
  test: async (rig) => {
    const web = rig.service("web", { log: {} });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    const { pid: logger } = await web.log.run.started();
    await web.stat("run");
    await web.logStat("run");
    const main = `run: web: (pid ${pid}) Ns`;
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`${main}; run: log: (pid ${logger}) Ns\n`));
    expect(await sv(rig, ["check", "web"])).toMatchObject(answer(`ok: ${main}\n`));
    expect(await sv(rig, ["status", "web/log"])).toMatchObject(answer(`run: web/log: (pid ${logger}) Ns\n`));
    web.log.supervise.control("d");
    await web.logStat("down");
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`${main}; down: log: Ns, normally up\n`));
  },
});

line("SV-07", "s, stat and every other word with s mean status", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    for (const word of ["s", "stat", "sXX"]) {
      expect(await sv(rig, [word, "web"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns\n`));
    }
  },
});

line("SV-11", "a status file of the wrong length is a bad format", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    await web.stat("run");
    writeFileSync(web.file("supervise/status"), web.supervise.statusBytes().subarray(0, 19));
    const trouble = answer("warning: web: unable to read supervise/status: bad format\n", 1);
    expect(await sv(rig, ["status", "web"])).toMatchObject(trouble);
    expect(await sv(rig, ["hup", "web"])).toMatchObject(trouble);
  },
});
