/* Whoever may write to a descriptor of a supervisor may write without end: that holds nobody up. */
import { chmodSync, chownSync } from "node:fs";
import { expect } from "vitest";
import { asNobody, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { shellScript } from "../rig/core/files.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { signalProcess } from "../rig/process/processes.ts";
import { nobody } from "../rig/process/under.ts";
import { sv } from "../rig/runit/sv.ts";

rigTest(
  "a service of another user that floods its notification descriptor can be stopped",
  ourSuites,
  async (rig) => {
    // It ignores PIPE and goes on, whatever becomes of the other end.
    const flood = "trap '' PIPE; echo >up; while :; do cat /dev/zero >&3; done 2>/dev/null";
    const web = rig.service("web", {
      files: { "notification-fd": "3\n", up: "" },
      run: { text: shellScript(`exec ${asNobody.join(" ")} sh -c "${flood}"`) },
    });
    chmodSync(web.file("up"), 0o666);
    const runsv = await rig.runsv(web);
    await rig.until("the flood", () => rig.read(web.file("up")) !== "");
    expect(await sv(rig, ["stop", "web"])).toMatchObject({ code: 0 });
    expect(web.supervise.status().pid).toBe(0);
    runsv.kill("SIGTERM");
    expect(await rig.until("its end", () => runsv.ending)).toMatchObject({ code: 0 });
  },
  { needs: twoUsers },
);

rigTest(
  "bytes that mean nothing, of a user who has been given control, do not keep runsv from its signals and timers",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["exit-on TERM"] });
    const runsv = await rig.runsv(web);
    const first = await web.run.started();
    chmodSync(web.file("supervise"), 0o711);
    chownSync(web.file("supervise/control"), nobody, nobody);
    const flood = `echo begun; exec cat /dev/zero >"$1"`;
    const flooder = rig.start("sh", ["-c", flood, "sh", web.file("supervise/control")], { under: asNobody });
    await rig.until("the flood", () => flooder.stdout() !== "");
    signalProcess(first.pid, "SIGKILL");
    await web.run.started(2);
    runsv.kill("SIGTERM");
    expect(await rig.until("its end", () => runsv.ending)).toMatchObject({ code: 0 });
  },
  { needs: twoUsers },
);
