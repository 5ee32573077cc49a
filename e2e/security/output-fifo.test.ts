/*
 * The FIFO of an output behind a prefix: only the service writes to it, whoever may look into `supervise/`.
 */
import { chmodSync } from "node:fs";
import { expect } from "vitest";
import { apart, asNobody, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { shellScript } from "../rig/core/files.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import { sv } from "../rig/runit/sv.ts";

/** Neither root nor the user of the service. */
const asSomebody = asNobody.map((word) => word.replace(/^--reuid=.*/, "--reuid=12345"));

rigTest(
  "a service writes to /dev/stdout as the user that it becomes, and nobody else writes in its name",
  ourSuites,
  async (rig) => {
    const lines = "echo one >/dev/stdout; echo two >>/proc/self/fd/1; echo three; exec sleep 1000";
    const run = { text: shellScript(`exec ${asNobody.join(" ")} sh -c '${lines}'`) };
    const web = rig.service("web", { run, files: { "log-prefix": "" } });
    const runsvdir = startRunsvdir(rig, { under: apart });
    const own = "web | one\nweb | two\nweb | three\n";
    await rig.until("its lines", () => runsvdir.stdout() === own);
    // As delegation wants it.
    chmodSync(web.file("supervise"), 0o755);
    const forge = 'for file do (echo forged >"$file") 2>/dev/null && echo "$file"; done';
    const entries = ["stdout", "private/stdout", "control", "ok", "status", "lock"];
    for (const under of [asSomebody, asNobody]) {
      const forger = await rig.run("sh", ["-c", forge, "sh", ...entries.map((entry) => web.file("supervise", entry))], {
        under,
      });
      expect(forger.stdout).toBe("");
    }
    // What was written would come before the lines of the next start.
    expect(await sv(rig, ["restart", "web"])).toMatchObject({ code: 0 });
    await rig.until("its lines once more", () => runsvdir.stdout().endsWith(`three\n${own}`));
    expect(runsvdir.stdout()).toBe(own + own);
  },
  { needs: twoUsers },
);
