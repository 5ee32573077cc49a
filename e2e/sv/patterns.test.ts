/* Patterns in the place of services, also on stock runsv. */
import { symlinkSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { answer, sv, withStock } from "../rig/runit/sv.ts";

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
