/*
 * Standard error is a full pipe that nobody reads: messages are lost, and nothing waits for them.
 */
import { closeSync, constants, mkdirSync, openSync, symlinkSync, writeSync } from "node:fs";
import { execaSync } from "execa";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isErrno } from "../rig/process/processes.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import { stateJson } from "../rig/runit/state-json.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** Words that give a command a full pipe as standard error; a function closes the pipe's other end. */
function fullStderr(rig: TestRig): { readonly under: readonly string[]; readonly close: () => void } {
  const fifo = rig.path("stderr");
  execaSync("mkfifo", [fifo]);
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(fd, Buffer.alloc(4096));
  } catch (error) {
    if (!isErrno(error, "EAGAIN")) throw error;
  }
  return { under: ["sh", "-c", 'exec "$@" 2>"$0"', fifo], close: () => closeSync(fd) };
}

rigTest("a runsv whose messages nobody reads goes on", ourSuites, async (rig) => {
  const { under, close } = fullStderr(rig);
  try {
    const web = rig.service("web", { run: "absent" });
    const runsv = await rig.runsv(web, { under });
    await rig.until("a second try to start it", () => Number(stateJson(web)["starts"]) >= 2);
    expect(await sv(rig, ["-w", "60", "down", "web"])).toMatchObject({ code: 0 });
    web.supervise.control("x");
    expect((await rig.result(runsv)).code).toBe(0);
  } finally {
    close();
  }
});

rigTest("a runsvdir whose messages nobody reads goes on", ourSuites, async (rig) => {
  const { under, close } = fullStderr(rig);
  try {
    mkdirSync(rig.services, { recursive: true });
    symlinkSync("nowhere", rig.path("service", "lost"));
    rig.service("bad", { run: "absent" });
    const runsvdir = startRunsvdir(rig, { under, words: ["--orderly", "--stop-timeout", "60"] });
    const web = rig.service("web");
    await web.run.started();
    runsvdir.kill("SIGTERM");
    expect((await rig.result(runsvdir)).code).toBe(0);
    expect(web.supervise.stat()).toBe("down");
  } finally {
    close();
  }
});
