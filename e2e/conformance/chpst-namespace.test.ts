// chpst -F, which runit has since 2.3.1: Debian's runit is older, so there is nothing to compare with.
import { existsSync } from "node:fs";
import { constants } from "node:os";

import { expect } from "vitest";

import { rigTest } from "../rig/core/conformance.ts";
import { contentOf } from "../rig/core/files.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { childrenOf } from "../rig/process/processes.ts";
import { root } from "../rig/process/under.ts";
import { fatal } from "../rig/runit/chpst.ts";

const needs = { needs: root };

/** Runs a script below chpst -F, with other options in front. */
function namespaced(script: string, ...options: readonly string[]): readonly string[] {
  return ["-F", ...options, "sh", "-c", script];
}

/** Starts a script that writes the file `ready` when it has got so far, with its own number outside in it. */
async function startReady(
  rig: TestRig,
  script: string,
): Promise<{ readonly pid: number; readonly until: () => Promise<unknown> }> {
  const command = rig.start("chpst", namespaced(script));
  await rig.until("the script to be ready", () => existsSync(rig.path("ready")));
  return { pid: command.pid, until: async () => await rig.result(command) };
}

rigTest(
  "chpst -F waits for what goes into the background, and exits with the code of the program",
  ourSuites,
  async (rig) => {
    const script = "(until [ -e ../go ]; do sleep 0.05; done; echo late) & echo first; exit 3";
    const command = rig.start("chpst", namespaced(script));
    await rig.until("the first line", () => command.stdout() === "first\n");
    await rig.run("touch", [rig.path("go")]);
    expect(await rig.result(command)).toMatchObject({ code: 3, stdout: "first\nlate\n", stderr: "" });
  },
  needs,
);

rigTest(
  "below chpst -F a program sees only what is in its namespace, and other options hold",
  ourSuites,
  async (rig) => {
    const script = 'cat /proc/1/comm; id -un; ls -d /proc/[0-9]* | wc -l; exec sh -c "kill -9 \\$\\$"';
    const { code, stdout } = await rig.run("chpst", namespaced(script, "-u", "nobody", "-b", "x"));
    expect([code, stdout.split("\n").slice(1, 2)]).toEqual([137, ["nobody"]]);
    expect(Number(stdout.split("\n")[2])).toBeLessThan(6);
  },
  needs,
);

rigTest(
  "chpst -F passes a signal on to all, also one that comes at once",
  ourSuites,
  async (rig) => {
    const trapper = (name: string): string => `trap 'echo ${name} got TERM; exit 5' TERM`;
    const script = `${trapper("program")}; sh -c "${trapper("child")}; touch ../ready; while :; do sleep 0.05; done" & while :; do sleep 0.05; done`;
    const { pid, until } = await startReady(rig, script);
    process.kill(pid, "SIGTERM");
    const { stdout, code } = (await until()) as { stdout: string; code: number };
    expect([code, stdout.split("\n").toSorted()]).toEqual([5, ["", "child got TERM", "program got TERM"]]);

    // Before anything inside could have a handler. The default action ends the program, or chpst before that.
    const early = rig.start("chpst", namespaced("sleep 1000"));
    await rig.until("chpst to catch signals", () => catchesTerm(early.pid));
    process.kill(early.pid, "SIGTERM");
    // Node catches TERM before we do, and ends by it.
    const { code: earlyCode, signal } = await rig.result(early);
    expect([143, "SIGTERM"]).toContain(signal ?? earlyCode);
  },
  needs,
);

rigTest(
  "chpst -F passes on a signal that comes while the process 1 inside has only just begun",
  ourSuites,
  async (rig) => {
    const command = rig.start("chpst", namespaced("sleep 1000"));
    // On Node it catches TERM from its start, long before our handler is there.
    await rig.until("process 1 to catch signals", () => childrenOf(command.pid).some(catchesTerm));
    process.kill(command.pid, "SIGTERM");
    expect(await rig.result(command)).toMatchObject({ code: 143, stderr: "" });
  },
  needs,
);

function catchesTerm(pid: number): boolean {
  const caught = /^SigCgt:\s*([\da-f]+)$/m.exec(contentOf(`/proc/${pid}/status`))?.[1] ?? "0";
  return ((BigInt(`0x${caught}`) >> BigInt(constants.signals.SIGTERM - 1)) & 1n) === 1n;
}

rigTest(
  "QUIT ends all of chpst -F at once, and so does its end",
  ourSuites,
  async (rig) => {
    const script = "trap '' TERM QUIT; sh -c 'trap \"\" TERM QUIT; echo $PPID; touch ../ready; exec sleep 1000' & wait";
    const quit = await startReady(rig, script);
    process.kill(quit.pid, "SIGQUIT");
    expect(await quit.until()).toMatchObject({ code: 137 });
    await rig.run("rm", [rig.path("ready")]);

    const killed = await startReady(rig, script);
    const inside = (await rig.run("pgrep", ["-P", String(killed.pid)])).stdout.trim();
    process.kill(killed.pid, "SIGKILL");
    await killed.until();
    await rig.until("process 1 of the namespace to be gone", () => !existsSync(`/proc/${inside}`));
  },
  needs,
);

rigTest(
  "a daemon in the background is supervised below chpst -F, and stopped",
  ourSuites,
  async (rig) => {
    const service = rig.service("daemon");
    await rig.run("sh", [
      "-c",
      `printf '#!/bin/sh\\nexec chpst -F sh -c "(touch ../../ready; exec sleep 1000) & exit 0"\\n' >daemon/run`,
    ]);
    await rig.runsv(service);
    await rig.until("the service to run", () => service.supervise.status().state === "run");
    await rig.until("the daemon to run", () => existsSync(rig.path("ready")));
    expect((await rig.run("sv", ["-w", "60", "stop", "daemon"])).stdout).toMatch(/^ok: down: daemon: /);
  },
  needs,
);

rigTest(
  "chpst -F says what it lacks",
  ourSuites,
  async (rig) => {
    const without = ["setpriv", "--inh-caps=-sys_admin", "--bounding-set=-sys_admin"];
    expect(await rig.run("chpst", namespaced("true"), { under: without })).toMatchObject(
      fatal("unable to create PID namespace: permission denied"),
    );
    expect(await rig.run("chpst", ["-F", "no-such-program"])).toMatchObject(
      fatal("unable to run: no-such-program: file does not exist"),
    );
  },
  needs,
);
