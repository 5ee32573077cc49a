/* Whoever may write to a descriptor of a supervisor may write without end: that holds nobody up. */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { shell } from "../rig/runit/available.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";

rigTest("a service that floods its notification descriptor can be stopped", ourSuites, async (rig) => {
  const web = rig.service("web", {
    files: { "notification-fd": "3\n" },
    // It ignores PIPE and goes on, whatever becomes of the other end.
    run: shell("trap '' PIPE", "touch up", "while :; do cat /dev/zero >&3; done 2>/dev/null"),
  });
  const runsv = await rig.runsv(web);
  await rig.until("the flood", () => rig.exists(web.file("up")));
  expect(await sv(rig, ["down", "web"])).toMatchObject({ code: 0 });
  expect(web.supervise.status().pid).toBe(0);
  runsv.kill("SIGTERM");
  expect((await runsv.exited).code).toBe(0);
});

rigTest("a flood of bytes that mean nothing leaves the control FIFO usable", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["exit-on TERM"] });
  const runsv = await rig.runsv(web);
  const { pid } = await web.run.started();
  rig.start("sh", ["-c", `exec cat /dev/zero >"$1"`, "sh", web.file("supervise/control")]);
  expect(await sv(rig, ["restart", "web"])).toMatchObject({ code: 0 });
  expect(web.supervise.status().pid).not.toBe(pid);
  runsv.kill("SIGTERM");
  expect((await runsv.exited).code).toBe(0);
});
