import { chmodSync } from "node:fs";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import type { JournalEvent } from "../rig/scripted/journal.ts";
import { isAlive, processState } from "../rig/process/processes.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const oneCopy = "k that forgets its process loses it, and runs a second copy beside it";

line("RUNSV-35", "sends TERM when control/t fails", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM"], control: { t: ["exit 1"] } });
    await rig.runsv(web);
    await web.run.started();
    web.supervise.control("t");
    await web.run.signalled("TERM");
    await web.stat("run, got TERM");
    expect(web.control("t").starts()).toHaveLength(1);
  },
});

line("RUNSV-35", "sends no TERM and does not say so when control/t succeeds", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM USR1"], control: { t: ["exit 0"] } });
    await rig.runsv(web);
    await web.run.started();
    web.supervise.control("t1");
    await web.run.signalled("USR1");
    expect(web.run.signals()).toEqual(["USR1"]);
    expect(web.control("t").starts()).toHaveLength(1);
    expect([web.supervise.stat(), web.supervise.status().gotTerm]).toEqual(["run", false]);
  },
});

line("RUNSV-36", "calls control/t before the signals of d and x, and control/d or control/x behind them", {
  test: async (rig) => {
    const web = rig.service("web", {
      run: ["trap TERM CONT"],
      control: { t: ["exit 1"], d: ["exit 0"], x: ["exit 0"] },
    });
    await rig.runsv(web);
    await web.run.started();
    web.supervise.control("d");
    await web.control("d").started();
    await web.run.toldToStop();
    web.supervise.control("x");
    await web.control("x").started();
    await web.run.toldToStop(2);
    const order = told(rig);
    expect(order.filter((event) => event.includes("control"))).toEqual([
      "web/control/t start",
      "web/control/t exit",
      "web/control/d start",
      "web/control/d exit",
      "web/control/t start",
      "web/control/t exit",
      "web/control/x start",
      ...(order.includes("web/control/x exit") ? ["web/control/x exit"] : []),
    ]);
    expect(order.indexOf("web/run TERM")).toBeGreaterThan(order.indexOf("web/control/t exit"));
    expect(order.lastIndexOf("web/run TERM")).toBeGreaterThan(order.lastIndexOf("web/control/t exit"));
    expect(web.run.signals()).toHaveLength(4);
  },
});

line("RUNSV-36", "sends CONT but not TERM on d when control/t succeeds", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM CONT"], control: { t: ["exit 0"], d: ["exit 0"] } });
    await rig.runsv(web);
    await web.run.started();
    web.supervise.control("d");
    await web.control("d").started();
    await web.run.signalled("CONT");
    expect(web.run.signals()).toEqual(["CONT"]);
    await web.stat("run, want down");
  },
});

line("RUNSV-37", "calls control/u before every start of run, restarts included, whatever its exit code", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["exit 0"], control: { u: ["exit 1"] } });
    await rig.runsv(web);
    await web.run.started(3);
    const order = told(rig).filter((event) => event.endsWith("start") || event === "web/control/u exit");
    const once = ["web/control/u start", "web/control/u exit", "web/run start"];
    expect(order.slice(0, 9)).toEqual([...once, ...once, ...once]);
  },
});

line("RUNSV-38", "never calls control/o", {
  test: async (rig) => {
    const web = rig.service("web", { down: true, run: ["trap USR1"], control: { o: ["exit 0"], u: ["exit 0"] } });
    await rig.runsv(web);
    await web.stat("down");
    web.supervise.control("o");
    await web.run.started();
    await web.stat("run, want down");
    expect(web.control("u").starts()).toHaveLength(1);
    web.supervise.control("o1");
    await web.run.signalled("USR1");
    expect(web.control("o").starts()).toHaveLength(0);
  },
});

line("RUNSV-39", "passes over a control script that its owner may not execute", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM HUP"], control: { t: ["exit 0"], h: ["exit 0"] } });
    chmodSync(web.control("t").path, 0o644);
    chmodSync(web.control("h").path, 0o655);
    const runsv = await rig.runsv(web);
    await web.run.started();
    web.supervise.control("th");
    await web.run.signalled("HUP");
    await web.run.signalled("TERM");
    expect(web.control("t").starts()).toHaveLength(0);
    expect(web.control("h").starts()).toHaveLength(0);
    expect(runsv.stderr()).toBe("");
  },
});

line("RUNSV-39", "says that a control script cannot be executed, and sends the signal", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM"], control: { t: { text: "exit 0\n" } } });
    const runsv = await rig.runsv(web);
    await web.run.started();
    web.supervise.control("t");
    await web.run.signalled("TERM");
    expect(runsv.stderr()).toBe("runsv web: fatal: unable to run control/?: exec format error\n");
  },
});

line("RUNSV-40", "gives control scripts no arguments, the service directory and the log pipe", {
  stock: async (rig) => await getsArguments(rig, () => []),
  ours: async (rig) => await getsArguments(rig, (pid) => [`${pid}`]),
  instead: "gives control scripts the pid of run where it runs, the service directory and the log pipe",
  because: "later versions of runit give the pid",
});

/** @param words what control/h gets, by the pid of run. Before a start there is no pid. */
async function getsArguments(rig: TestRig, words: (pid: number) => readonly string[]): Promise<void> {
  const web = rig.service("web", {
    control: { u: ["line from u", "exit 0"], h: ["line from h", "exit 0"] },
    log: {},
  });
  const runsv = await rig.runsv(web);
  const run = await web.run.started();
  web.supervise.control("h");
  for (const letter of ["u", "h"]) {
    const hook = await web.control(letter).started();
    const argv = [`control/${letter}`, ...(letter === "h" ? words(run.pid) : [])];
    expect([hook.argv, hook.cwd, hook.env]).toEqual([argv, web.path, run.env]);
    expect(hook.fds).toEqual(run.fds);
  }
  await rig.until("the lines in the log", () => web.logged() === "from u\nfrom h\n");
  expect(runsv.stdout()).toBe("");
}

line("RUNSV-41", "says paused when control/p succeeds, though nothing has been stopped", {
  stock: async (rig) => {
    const { pid, web } = await pauseBehindHook(rig);
    await web.stat("run, paused");
    expect(processState(pid)).not.toBe("T");
  },
  ours: async (rig) => {
    const { pid, web } = await pauseBehindHook(rig);
    expect([web.supervise.stat(), web.supervise.status().paused]).toEqual(["run", false]);
    expect(processState(pid)).not.toBe("T");
  },
  instead: "neither stops the process nor says paused when control/p succeeds",
  because: "the flag tells what was sent to the process, and the hook had nothing sent",
});

line("RUNSV-42", "k behind a control/k that succeeds, then u: TERM to the old process and a second copy", {
  stock: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM"], control: { k: ["exit 0"] } });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    web.supervise.control("k");
    await web.control("k").started();
    web.supervise.control("u");
    await rig.until("TERM", () => web.run.events().some((event) => event.event === "signal" && event.pid === pid));
    await web.run.started(2);
    expect(isAlive(pid)).toBe(true);
  },
  ours: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM USR1"], control: { k: ["exit 0"] } });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    web.supervise.control("ku1");
    await web.run.signalled("USR1");
    expect(web.control("k").starts()).toHaveLength(1);
    expect(web.run.signals()).toEqual(["USR1"]);
    expect([web.supervise.stat(), web.supervise.pid()]).toEqual(["run", pid]);
    web.supervise.control("d");
    await web.run.signalled("TERM");
    await web.run.exit(0);
    await web.stat("down");
    expect(web.run.starts()).toHaveLength(1);
  },
  instead: "control/k that succeeds suppresses the KILL and changes nothing else: the process is kept, and d stops it",
  because: oneCopy,
});

line("RUNSV-42", "k directly followed by u never starts a second copy beside the dying one", {
  // The reference does this sometimes, on a loaded machine: there is nothing to pin.
  suites: ourSuites,
  test: async (rig) => {
    const rounds = async (name: string): Promise<void> => {
      const service = rig.service(name, { run: [`alone ${rig.path(`${name}.lock`)}`] });
      await rig.runsv(service);
      for (let count = 1; count <= 3; count += 1) {
        await service.run.started(count);
        service.supervise.control("ku");
      }
      await service.run.started(4);
      expect(service.run.events().filter((event) => event.event === "note")).toEqual([]);
    };
    await Promise.all(["one", "two", "three", "four"].map(rounds));
  },
});

line("RUNSV-43", "k during finish lets it live and runs it a second time with 0 0", {
  stock: async (rig) => {
    const web = rig.service("web", { finish: [] });
    await rig.runsv(web);
    await web.run.started();
    await web.run.exit(1);
    const { pid } = await web.finish.started();
    await web.stat("finish");
    web.supervise.control("k");
    await web.finish.tell("note still there", pid);
    await web.finish.exit(0);
    const second = await web.finish.started(2);
    expect(second.argv.slice(1)).toEqual(["0", "0"]);
    expect(web.run.starts()).toHaveLength(1);
  },
  ours: async (rig) => {
    const web = rig.service("web", { finish: [] });
    await rig.runsv(web);
    await web.run.started();
    await web.run.exit(1);
    const { pid } = await web.finish.started();
    await web.stat("finish");
    web.supervise.control("k");
    await web.run.started(2);
    expect(isAlive(pid)).toBe(false);
    expect(web.finish.starts()).toHaveLength(1);
  },
  instead: "k during finish kills it, and it is not run a second time",
  because: "whoever sends k wants a hanging finish to end, and 0 0 is not how run ended",
});

async function pauseBehindHook(rig: TestRig): Promise<{ readonly pid: number; readonly web: ScriptedService }> {
  const web = rig.service("web", { run: ["trap USR1"], control: { p: ["exit 0"] } });
  await rig.runsv(web);
  const { pid } = await web.run.started();
  web.supervise.control("p1");
  await web.run.signalled("USR1");
  expect(web.control("p").starts()).toHaveLength(1);
  return { pid, web };
}

/** The journal in short: `web/run start`, `web/run TERM`. */
function told(rig: TestRig): readonly string[] {
  return rig.journal.events().map((event) => `${event.role} ${what(event)}`);
}

function what(event: JournalEvent): string {
  return event.event === "signal" ? event.signal : event.event;
}
