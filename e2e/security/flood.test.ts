/* Whoever may write to a descriptor of a supervisor may write without end: that holds nobody up. */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { signalProcess } from "../rig/process/processes.ts";
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
  expect(await sv(rig, ["stop", "web"])).toMatchObject({ code: 0 });
  expect(web.supervise.status().pid).toBe(0);
  runsv.kill("SIGTERM");
  expect(await rig.until("its end", () => runsv.ending)).toMatchObject({ code: 0 });
});

rigTest(
  "a flood of bytes that mean nothing does not keep runsv from its signals and timers",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["exit-on TERM"] });
    const runsv = await rig.runsv(web);
    const first = await web.run.started();
    rig.start("sh", ["-c", `exec cat /dev/zero >"$1"`, "sh", web.file("supervise/control")]);
    signalProcess(first.pid, "SIGKILL");
    await web.run.started(2);
    runsv.kill("SIGTERM");
    expect(await rig.until("its end", () => runsv.ending)).toMatchObject({ code: 0 });
  },
);
