import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { bootMillis, isAlive, processState } from "../rig/process/processes.ts";
import { line } from "../rig/core/conformance.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const nothingToPause = "a flag that says paused of something that does not run misleads whoever reads it";

line("RUNSV-23", "d sends TERM and CONT, and leaves the service down", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM CONT"], log: { run: ["trap HUP"] } });
    await rig.runsv(web);
    await web.run.started();
    web.supervise.control("d");
    await web.run.toldToStop();
    expect(web.run.signals()).toHaveLength(2);
    await web.stat("run, got TERM, want down");
    // More than a second after the start, nothing would hold a restart back.
    await web.run.tell("sleep 1");
    await web.run.exit(0);
    await web.stat("down");
    await web.turn();
    expect(web.run.starts()).toHaveLength(1);
    expect(web.supervise.status()).toMatchObject({ state: "down", want: "d", gotTerm: false, pid: 0 });
  },
});

line("RUNSV-24", "never kills a service that ignores TERM", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["ignore TERM", "trap USR1"] });
    // Its starts, a second apart, are the clock: seven of them pass while web should stop.
    const ticker = rig.service("ticker", { run: ["exit 0"] });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    web.supervise.control("d");
    await web.stat("run, got TERM, want down");
    await rig.runsv(ticker);
    await ticker.run.started(7);
    web.supervise.control("1");
    await web.run.signalled("USR1");
    expect(web.supervise.stat()).toBe("run, got TERM, want down");
    expect(web.supervise.pid()).toBe(pid);
  },
});

line("RUNSV-25", "o sends a running service nothing and wants it down", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM CONT HUP USR1"], log: { run: ["trap HUP"] } });
    await rig.runsv(web);
    await web.run.started();
    web.supervise.control("o");
    await web.stat("run, want down");
    web.supervise.control("1");
    await web.run.signalled("USR1");
    expect(web.run.signals()).toEqual(["USR1"]);
    await web.run.tell("sleep 1");
    await web.run.exit(0);
    await web.stat("down");
    await web.turn();
    expect(web.run.starts()).toHaveLength(1);
  },
});

line("RUNSV-25", "o starts a service that is down once", {
  test: async (rig) => {
    const web = rig.service("web", { down: true, log: { run: ["trap HUP"] } });
    await rig.runsv(web);
    await web.stat("down");
    web.supervise.control("o");
    await web.run.started();
    await web.stat("run, want down");
    await web.run.tell("sleep 1");
    await web.run.exit(0);
    await web.stat("down");
    await web.turn();
    expect(web.run.starts()).toHaveLength(1);
  },
});

line("RUNSV-26", "p stops the process and says paused, c continues it", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap CONT"] });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    web.supervise.control("p");
    await web.stat("run, paused");
    await rig.until("state T", () => processState(pid) === "T");
    expect(web.supervise.status().paused).toBe(true);
    web.supervise.control("c");
    await web.stat("run");
    await web.run.signalled("CONT");
    expect(processState(pid)).not.toBe("T");
  },
});

line("RUNSV-62", "a command that was written before TERM does not call runsv back", {
  test: async (rig) => {
    const web = rig.service("web");
    const runsv = await rig.runsv(web);
    const { pid } = await web.run.started();
    runsv.kill("SIGSTOP");
    await rig.until("state T", () => processState(runsv.pid) === "T");
    web.supervise.control("u");
    runsv.kill("SIGTERM");
    runsv.kill("SIGCONT");
    expect(await rig.result(runsv)).toMatchObject({ code: 0, stderr: "" });
    expect(isAlive(pid)).toBe(false);
    expect(web.run.starts()).toHaveLength(1);
  },
});

line("RUNSV-27", "t on a paused service arrives when it is continued", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    const { pid } = await web.run.started();
    web.supervise.control("p");
    await web.stat("run, paused");
    // Until the kernel schedules the process to stop, TERM would still come before STOP.
    await rig.until("state T", () => processState(pid) === "T");
    web.supervise.control("t");
    await web.stat("run, paused, got TERM");
    expect(processState(pid)).toBe("T");
    web.supervise.control("c");
    await web.run.started(2);
    expect(isAlive(pid)).toBe(false);
    await web.stat("run");
  },
});

line("RUNSV-28", "p says paused of a service that is down, and c takes it back", {
  stock: async (rig) => {
    const web = rig.service("web", { down: true });
    await rig.runsv(web);
    await web.stat("down");
    web.supervise.control("p");
    await web.stat("down, paused");
    web.supervise.control("c");
    await web.stat("down");
  },
  ours: async (rig) => {
    const web = rig.service("web", { down: true, log: { run: ["trap HUP"] } });
    await rig.runsv(web);
    await web.stat("down");
    web.supervise.control("p");
    await web.turn();
    expect([web.supervise.stat(), web.supervise.status().paused]).toEqual(["down", false]);
    web.supervise.control("c");
    await web.turn();
    expect(web.supervise.stat()).toBe("down");
  },
  instead: "p and c do nothing to a service that is down",
  because: nothingToPause,
});

line("RUNSV-28", "p during finish sets the flag and stops nothing", {
  stock: async (rig) => {
    const { web, finish } = await pauseDuringFinish(rig);
    await web.stat("finish, paused");
    expect(processState(finish)).not.toBe("T");
  },
  ours: async (rig) => {
    const { web, finish } = await pauseDuringFinish(rig);
    await web.turn();
    expect(processState(finish)).not.toBe("T");
    expect([web.supervise.stat(), web.supervise.status().paused]).toEqual(["finish", false]);
  },
  instead: "p during finish does nothing",
  because: nothingToPause,
});

line("RUNSV-29", "h a i q 1 2 k send their signals to the process alone", {
  test: async (rig) => {
    const signals = ["HUP", "ALRM", "INT", "QUIT", "USR1", "USR2"];
    const all = `trap ${signals.join(" ")} TERM CONT`;
    // A file of ours: without it, runsv would end the rest of the group after KILL.
    const web = rig.service("web", { run: [all], files: { "flag-keep-leftovers": "" } });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    const child = await web.run.fork([all]);
    for (const [index, letter] of ["h", "a", "i", "q", "1", "2"].entries()) {
      web.supervise.control(letter);
      await web.run.signalled(signals[index] ?? "");
    }
    expect(web.run.signals()).toEqual(signals);
    web.supervise.control("k");
    await web.run.started(2);
    expect(isAlive(pid)).toBe(false);
    // A signal that had been sent to the child would have arrived before this one.
    web.run.child.kill("SIGUSR1");
    await web.run.child.signalled("USR1");
    expect(web.run.child.signals()).toEqual(["USR1"]);
    expect(isAlive(child)).toBe(true);
  },
});

line("RUNSV-30", "ignores unknown bytes and obeys those behind them", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM HUP USR1 USR2"] });
    const runsv = await rig.runsv(web);
    await web.run.started();
    await web.stat("run");
    web.supervise.control("esZ\n\0 1\x7f3-2");
    await web.run.signalled("USR1");
    await web.run.signalled("USR2");
    expect(web.run.signals()).toHaveLength(2);
    expect(web.supervise.stat()).toBe("run");
    expect(runsv.stderr()).toBe("");
  },
});

line("RUNSV-31", "x sends TERM and CONT, runs finish, and runsv exits 0, leaving the files", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM CONT"], finish: [] });
    const runsv = await rig.runsv(web);
    await web.run.started();
    web.supervise.control("x");
    await web.run.toldToStop();
    expect(web.run.signals()).toHaveLength(2);
    await web.stat("run, got TERM, want exit");
    expect(web.supervise.status()).toMatchObject({ want: "d", gotTerm: true });
    await web.run.exit(0);
    await web.finish.started();
    await web.stat("finish, want exit");
    await web.finish.exit(0);
    expect((await rig.result(runsv)).code).toBe(0);
    expectStale(web, { stat: "down", pid: undefined });
    expect(web.supervise.status()).toMatchObject({ state: "down", want: "d", pid: 0, gotTerm: false });
  },
});

line("RUNSV-32", "TERM to runsv does what x does", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM CONT"], finish: ["exit 0"] });
    const runsv = await rig.runsv(web);
    await web.run.started();
    runsv.kill("SIGTERM");
    await web.run.toldToStop();
    expect(web.run.signals()).toHaveLength(2);
    await web.stat("run, got TERM, want exit");
    await web.run.exit(0);
    await web.finish.started();
    expect((await rig.result(runsv)).code).toBe(0);
    expect(web.supervise.stat()).toBe("down");
  },
});

/** The signal ends runsv, and its service notices nothing. */
async function endsRunsvAlone(rig: TestRig, signal: NodeJS.Signals): Promise<void> {
  const service = rig.service(signal.toLowerCase(), { run: ["trap TERM HUP INT QUIT USR1 USR2 ALRM CONT"] });
  const runsv = await rig.runsv(service);
  const { pid } = await service.run.started();
  await service.stat("run");
  runsv.kill(signal);
  expect(await rig.result(runsv)).toMatchObject({ code: undefined, signal });
  await service.run.tell("note still there");
  expect(isAlive(pid)).toBe(true);
  expect(service.run.signals()).toEqual([]);
}

line("RUNSV-32", "HUP, INT, QUIT, USR1 and ALRM end runsv and leave the service running", {
  test: async (rig) => {
    const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGALRM"] as const;
    await Promise.all(signals.map(async (signal) => await endsRunsvAlone(rig, signal)));
  },
});

line("RUNSV-32", "USR2 ends runsv and leaves the service running", {
  stock: async (rig) => await endsRunsvAlone(rig, "SIGUSR2"),
  ours: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM HUP INT QUIT USR1 USR2 ALRM CONT"] });
    const runsv = await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    runsv.kill("SIGUSR2");
    // It obeys when it is the new program.
    web.supervise.control("x");
    await web.run.toldToStop();
    expect(web.supervise.status().pid).toBe(pid);
    await web.run.exit(0);
    expect((await rig.result(runsv)).code).toBe(0);
  },
  instead: "USR2 has runsv execute its program anew, and the service runs on",
  because: "an upgrade restarts no service",
});

line("RUNSV-33", "leaves status and stat as they were when it is killed, and nobody reads ok any more", {
  test: async (rig) => {
    const web = rig.service("web");
    const runsv = await rig.runsv(web);
    const { pid } = await web.run.started();
    await rig.until("the status to be run", () => web.supervise.status().state === "run");
    const before = web.supervise.statusBytes();
    runsv.kill("SIGKILL");
    await rig.result(runsv);
    expect(web.supervise.statusBytes()).toEqual(before);
    expectStale(web, { stat: "run", pid });
    expect(() => {
      web.supervise.control("d");
    }).toThrow("ENXIO");
  },
});

line("RUNSV-34", "d during the second before a restart takes effect when that has passed", {
  stock: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    await stopDuringPause(rig, web, (millis) => millis >= 980);
  },
  ours: async (rig) => {
    const web = rig.service("web", { log: {} });
    await rig.runsv(web);
    await stopDuringPause(rig, web, (millis) => millis < 900);
    const starts = web.run.starts().length;
    // The logger restarts for the second time a second after the first. The service's second is over by then.
    for (const count of [1, 2]) {
      await web.log.run.started(count);
      await web.log.run.die("KILL");
    }
    await web.log.run.started(3);
    expect(web.run.starts()).toHaveLength(starts);
    expect(web.supervise.stat()).toBe("down");
  },
  instead: "d during the second before a restart takes effect at once",
  because: "a pause that stops the loop delays every command and the logger's restart; a timer does not",
});

/**
 * Ends a run that is younger than a second, sends d before the restart, and passes on how many milliseconds after the
 * end of run the status said want down.
 *
 * On a busy machine the pause may be missed, or the answer be late, so there are several attempts.
 */
async function stopDuringPause(rig: TestRig, web: ScriptedService, isSeen: (millis: number) => boolean): Promise<void> {
  for (let attempt = 1; attempt <= 30; attempt += 1) {
    if (attempt > 1) web.supervise.control("u");
    const { pid } = await web.run.started(web.run.starts().length + (attempt > 1 ? 1 : 0) || 1);
    const starts = web.run.starts().length;
    await web.run.tell("exit 0", pid);
    await rig.until("down, or up again", () => web.supervise.stat() === "down" || web.run.starts().length > starts);
    web.supervise.control("d");
    await rig.until("want down", () => web.supervise.status().want === "d");
    const millis = bootMillis() - (web.run.events().findLast((event) => event.event === "exit")?.at ?? 0);
    await web.stat("down");
    if (web.run.starts().length === starts && isSeen(millis)) return;
  }
  throw new Error("the machine is too busy: d never took effect when it should");
}

async function pauseDuringFinish(rig: TestRig): Promise<{ readonly web: ScriptedService; readonly finish: number }> {
  const web = rig.service("web", { finish: [], log: { run: ["trap HUP"] } });
  await rig.runsv(web);
  await web.run.exit(0);
  const { pid: finish } = await web.finish.started();
  await web.stat("finish");
  web.supervise.control("p");
  return { web, finish };
}

/** The files that a runsv leaves behind when it has gone. */
function expectStale(
  service: ScriptedService,
  left: { readonly stat: string; readonly pid: number | undefined },
): void {
  const { supervise } = service;
  expect([supervise.stat(), supervise.pid()]).toEqual([left.stat, left.pid]);
  expect(supervise.isSupervised()).toBe(false);
  for (const name of ["control", "lock", "ok"]) expect(existsSync(join(supervise.path, name))).toBe(true);
}
