/* A service that writes 100,000 lines a second through runsv's pipe, and its log service. */
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { producer, readLogs, sizeOfLogs } from "../rig/runit/log-files.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const count = 200_000;

rigTest("brings 100,000 lines a second from a service to its log, all and in order", allSuites, async (rig) => {
  await writeLines(rig, async ({ isDone }) => {
    await rig.until("all lines to be written", isDone);
  });
});

// When it is told to stop, runit's svlogd drops the line that it is reading.
rigTest("brings all lines in order to the logs of loggers that are replaced meanwhile", ourSuites, async (rig) => {
  await writeLines(rig, async ({ app, isDone }) => {
    // A slow machine may have written all lines before the fourth replacement.
    for (let left = 4; left > 0 && !isDone(); left -= 1) {
      const before = { pid: app.log.supervise.pid(), size: sizeOfLogs(app.file("log/main")) };
      const isReplaced = (): boolean => app.log.supervise.pid() !== before.pid && app.log.supervise.pid() !== undefined;
      app.log.supervise.control("t");
      await rig.until("another logger", isReplaced);
      await rig.until("new lines", () => isDone() || sizeOfLogs(app.file("log/main")) > before.size);
    }
    await rig.until("all lines to be written", isDone);
  });
});

interface Writing {
  readonly app: ScriptedService;
  /** The service has written its last line. */
  readonly isDone: () => boolean;
}

/** Starts service and logger, calls `meanwhile`, and expects every line in its place. */
async function writeLines(rig: TestRig, meanwhile: (writing: Writing) => Promise<void>): Promise<void> {
  const report = rig.path("report");
  const app = rig.service("app", {
    run: shell(`perl ${producer} --count ${count} --rate 100000 --report ${report}`, "exec sleep 600"),
    log: { run: shell("mkdir -p main", "printf 's1m\\nn0\\n' >main/config", "exec svlogd -tt main") },
  });
  const runsv = await rig.runsv(app);
  await rig.until("the first lines", () => rig.exists(app.file("log/main")) && sizeOfLogs(app.file("log/main")) > 0);
  await meanwhile({ app, isDone: () => rig.exists(report) });
  expect(await sv(rig, ["shutdown", "app"])).toMatchObject({ code: 0 });
  expect((await rig.result(runsv)).code).toBe(0);
  const logs = readLogs(app.file("log/main")).map((log) => log.toString("latin1"));
  const lines = logs.join("").split("\n").slice(0, -1);
  const stamp = /^\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.\d{5} /;
  const wrong = lines.findIndex((line, at) => !stamp.test(line) || Number(line.slice(26, 38)) !== at);
  expect(wrong === -1 ? [] : lines.slice(wrong - 1, wrong + 2)).toEqual([]);
  expect(lines).toHaveLength(count);
}
