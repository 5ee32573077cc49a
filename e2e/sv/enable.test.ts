/* sv enable and disable, also on stock runsv. */
import { existsSync, mkdirSync, readdirSync, readlinkSync } from "node:fs";
import { describe, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { privateMounts, withMounts } from "../rig/core/needs.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { answer, sv, withStock } from "../rig/runit/sv.ts";

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
    // The lock on the directory has been removed.
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
    // A refused service does not keep the others from being changed.
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
