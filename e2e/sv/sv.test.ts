/*
 * What our sv does better than runit's, or in addition to it. The lines of the checklist are in conformance/.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import { answer, lsb, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { nobody, root, user } from "../rig/process/under.ts";

rigTest("a restart within the second of the start is waited for", ourSuites, async (rig) => {
  const web = rig.service("web");
  await rig.runsv(web);
  for (let count = 1; count <= 3; count += 1) {
    const { pid } = await web.run.started(count);
    const { code, stdout } = await sv(rig, ["restart", "web"]);
    const next = await web.run.started(count + 1);
    expect([code, stdout]).toEqual([0, `ok: run: web: (pid ${next.pid}) Ns\n`]);
    expect(isAlive(pid)).toBe(false);
  }
});

rigTest("a restart is reported as soon as the service is ready", ourSuites, async (rig) => {
  const web = rig.service("web", { files: { "ready-after": "0" } });
  await rig.runsv(web);
  // The measured time includes the end of a process and the moment until we notice: on a busy machine that is long.
  const isPrompt = async (): Promise<boolean> => {
    const { millis } = await sv(rig, ["status", "web"]);
    const { stdout } = await sv(rig, ["restart", "web"]);
    const now = Date.now();
    expect(stdout).toMatch(/^ok: run: .*, ready Ns\n$/);
    const { seconds, nanoseconds } = web.supervise.status();
    return now - (seconds * 1000 + nanoseconds / 1_000_000) < Math.max(100, millis);
  };
  await rig.until("a restart that is reported without delay", isPrompt, 90_000);
});

rigTest("stop waits until runsv knows of it, also for a service that has crashed just now", ourSuites, async (rig) => {
  const web = rig.service("web", { run: { text: "exit 0\n", mode: 0o644 } });
  await rig.runsv(web);
  expect(await sv(rig, ["stop", "web"])).toMatchObject(answer("ok: down: web: Ns, normally up\n"));
});

rigTest("a service that declares nothing must be up for 100 ms", ourSuites, async (rig) => {
  const web = rig.service("web");
  await rig.runsv(web);
  const { pid } = await web.run.started();
  const { stdout } = await sv(rig, ["restart", "web"]);
  const { seconds, nanoseconds } = web.supervise.status();
  expect(Date.now() - (seconds * 1000 + nanoseconds / 1_000_000)).toBeGreaterThanOrEqual(100);
  const next = await web.run.started(2);
  expect([next.pid === pid, stdout]).toEqual([false, `ok: run: web: (pid ${next.pid}) Ns\n`]);
});

/** A service that ends 50 ms after each start while there is a file `broken`. */
const broken = "#!/bin/sh\ntest -e broken || exec sleep 1000\nsleep 0.05\nexit 1\n";

rigTest("start and restart are not ok for a service that dies 50 ms after its start", ourSuites, async (rig) => {
  // It dies twice, a second apart, and then rests: when the time is over, it is down and not in its next start.
  const web = rig.service("web", { run: { text: broken }, files: { "restart-delay": "1000 100000 100\n" } });
  await rig.runsv(web);
  await web.stat("run");
  writeFileSync(web.file("broken"), "");
  const deadline = /^timeout: .*, \.\/run exited 1 after \d+ ms\n$/;
  /** On a crowded machine the service may live longer than it is meant to, or start late; but not each time. */
  const lastAnswer = async (ask: () => ReturnType<typeof sv>): Promise<readonly [number | undefined, string]> => {
    let last = await ask();
    for (let attempts = 6; !deadline.test(last.stdout) && attempts > 0; attempts--) last = await ask();
    return [last.code, last.stdout];
  };
  const notOk = [1, expect.stringMatching(deadline)];
  expect(await lastAnswer(async () => await sv(rig, ["-w", "2", "restart", "web"]))).toEqual(notOk);
  const startAgain = async (): ReturnType<typeof sv> => {
    web.supervise.control("d");
    await web.stat("down");
    return await sv(rig, ["-w", "2", "start", "web"]);
  };
  expect(await lastAnswer(startAgain)).toEqual(notOk);
  // A stop does not speak of how it ended before.
  expect(await sv(rig, ["stop", "web"])).toMatchObject(answer("ok: down: web: Ns, normally up\n"));
});

rigTest(
  "waiting works where the supervise directory cannot be watched",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { down: true });
    await rig.runsv(web);
    await web.stat("down");
    chmodSync(web.supervise.path, 0o711);
    for (const name of ["ok", "control"]) chmodSync(web.file("supervise", name), 0o622);
    const { code, stdout } = await sv(rig, ["start", "web"], { under: user(nobody, nobody) });
    const { pid } = await web.run.started();
    expect([code, stdout]).toEqual([0, `ok: run: web: (pid ${pid}) Ns, normally down\n`]);
  },
  { needs: root },
);

rigTest("each service is reported when it is done, and a time-out when the time is over", ourSuites, async (rig) => {
  const [slow, quick] = [rig.service("slow", { run: ["ignore TERM"] }), rig.service("quick")];
  await rig.runsv(slow);
  await rig.runsv(quick);
  const { pid } = await slow.run.started();
  await quick.run.started();
  const first = "ok: down: quick: Ns, normally up\n";
  const second = `timeout: run: slow: (pid ${pid}) Ns, want down, got TERM\n`;
  expect(await sv(rig, ["-w", "10", "stop", "slow", "quick"])).toMatchObject(answer(first + second, 1));
});

rigTest("a hundred services are controlled at once", ourSuites, async (rig) => {
  const web = rig.service("web");
  await rig.runsv(web);
  const { pid } = await web.run.started();
  const names = Array.from({ length: 100 }, (_, number) => `web${number}`);
  for (const name of names) symlinkSync("web", rig.path("service", name));
  const lines = names.map((name) => `run: ${name}: (pid ${pid}) Ns\n`);
  expect(await sv(rig, ["status", ...names])).toMatchObject(answer(lines.join("")));
  expect(await sv(rig, ["start", ...names])).toMatchObject(answer(lines.map((line) => `ok: ${line}`).join("")));
});

rigTest("a supervisor that dies while it is waited for ends the wait", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["ignore TERM"] });
  const runsv = await rig.runsv(web);
  await web.run.started();
  const stop = rig.start("sv", ["-w", "99", "stop", "web"]);
  await web.stat("run, got TERM, want down");
  runsv.kill("SIGKILL");
  expect(await rig.result(stop)).toMatchObject({ code: 1, stdout: "fail: web: runsv not running\n", stderr: "" });
});

rigTest("a check that hangs is ended with the wait", ourSuites, async (rig) => {
  const web = rig.service("web", { check: ["exit-on TERM"] });
  await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  expect(await sv(rig, ["-w", "3", "check", "web"])).toMatchObject(answer(`timeout: run: web: (pid ${pid}) Ns\n`, 1));
  await rig.until("the check to be gone", () => web.check.starts().every((start) => !isAlive(start.pid)));
});

rigTest("a signal to sv and its check at once, as by Ctrl-C or timeout(1), ends both", ourSuites, async (rig) => {
  // runsv runs the script as well, but without this variable.
  const text = '#!/bin/sh\ntest -n "$ASKED" || exit 0\n: >"$ASKED"\nexec sleep 1000\n';
  const web = rig.service("web", { check: { text } });
  await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  // Either of the two may end first.
  const asked = Array.from({ length: 6 }, async (_, count) => {
    const ASKED = `asked${count}`;
    const command = rig.start("sv", ["-w", "600", "check", "web"], { env: { ASKED } });
    await rig.until("the check", () => rig.exists(web.file(ASKED)));
    signalProcess(-command.pid, "SIGTERM");
    return await rig.result(command);
  });
  for (const { signal, stdout } of await Promise.all(asked)) expect([signal, stdout]).toEqual(["SIGTERM", ""]);
});

rigTest("a check that was killed has not passed", ourSuites, async (rig) => {
  const web = rig.service("web", { check: { text: "#!/bin/sh\nkill -9 $$\n" } });
  await rig.runsv(web);
  await web.run.started();
  expect((await sv(rig, ["-w", "1", "check", "web"])).code).toBe(1);
});

rigTest("nothing depends on state.json", ourSuites, async (rig) => {
  const web = rig.service("web");
  await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  const up = answer(`run: web: (pid ${pid}) Ns\n`);
  writeFileSync(web.file("supervise/state.json"), "{ nonsense");
  expect(await sv(rig, ["status", "web"])).toMatchObject(up);
  rmSync(web.file("supervise/state.json"));
  expect(await sv(rig, ["status", "web"])).toMatchObject(up);
});

rigTest(
  "a log directory that was never supervised is said to be so, and nothing else of it",
  ourSuites,
  async (rig) => {
    const { pid } = await runningService(rig);
    mkdirSync(rig.path("service/web/log"));
    const log = "warning: web/log: unable to open supervise/ok: file does not exist";
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns; ${log}\n`, 1));
    rmSync(rig.path("service/web/log"), { recursive: true });
    writeFileSync(rig.path("service/web/log"), "");
    const file = "warning: web/log: unable to change directory: not a directory";
    expect(await sv(rig, ["status", "web"])).toMatchObject(answer(`run: web: (pid ${pid}) Ns; ${file}\n`, 1));
  },
);

rigTest("a down file that cannot be looked for is warned of, and the status is told", ourSuites, async (rig) => {
  const { pid } = await runningService(rig);
  symlinkSync("down", rig.path("service/web/down"));
  const stderr = "warning: unable to stat web/down: symbolic link loop\n";
  expect(await sv(rig, ["status", "web"])).toMatchObject({ code: 0, stdout: `run: web: (pid ${pid}) Ns\n`, stderr });
});

rigTest(
  "the working directory must be readable",
  allSuites,
  async (rig) => {
    const { pid } = await runningService(rig);
    const cwd = rig.path("closed");
    mkdirSync(cwd, { mode: 0o711 });
    const fatal = "fatal: unable to open current directory: access denied\n";
    const options = { cwd, under: user(nobody, nobody) };
    expect(await sv(rig, ["status", "/x"], options)).toMatchObject({ code: 100, stdout: "", stderr: fatal });
    expect((await lsb(rig, "web", ["status"])).stdout).toBe(`run: web: (pid ${pid}) Ns\n`);
    const script = await rig.run(rig.path("init.d/web"), ["status"], options);
    expect(script).toMatchObject({ code: 151, stdout: "", stderr: fatal });
  },
  { needs: root },
);

rigTest("--help and --version answer on standard output", ourSuites, async (rig) => {
  const help = await sv(rig, ["--help"]);
  expect([help.code, help.stderr]).toEqual([0, ""]);
  expect(help.stdout).toMatch(/^usage: sv \[-v\] \[-w sec\] command service \.\.\.\n/);
  const version = await sv(rig, ["--version"]);
  expect([version.code, version.stderr]).toEqual([0, ""]);
  expect(version.stdout).toMatch(/^sv \d+\.\d+\.\d+\n$/);
});

async function runningService(rig: TestRig): Promise<{ readonly pid: number }> {
  const web = rig.service("web");
  await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  return { pid };
}
