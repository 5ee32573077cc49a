/* runsv started by hand: nothing is left behind after Ctrl-C. */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive } from "../rig/process/processes.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { ctrlC, Terminal } from "../rig/process/terminal.ts";

rigTest("Ctrl-C ends runsv with its service, its log service and what they left", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap INT", "exit-on TERM"], finish: ["exit 0"], log: {} });
  using terminal = await Terminal.open(rig, "exec runsv web");
  const { pid, pgid } = await web.run.started();
  const log = await web.log.run.started();
  const child = await web.run.fork(["exit-on TERM"]);
  await web.stat("run");
  terminal.type(ctrlC);
  expect(await rig.result(terminal.command)).toMatchObject({ code: 0 });
  expect([pid, log.pid, child].filter(isAlive)).toEqual([]);
  // It stopped in order, like sv exit; the terminal's signal reaches runsv alone.
  expect(web.run.signals()).toEqual(["TERM"]);
  expect(pgid).toBe(pid);
  expect(web.finish.starts()).toHaveLength(1);
  expect(web.supervise.stat()).toBe("down");
});

rigTest("Ctrl-C ends runsv with a service that shares its process group", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap INT", "exit-on TERM"], files: { "no-setsid": "" } });
  using terminal = await Terminal.open(rig, "exec runsv web");
  const { pid, pgid } = await web.run.started();
  expect(pgid).not.toBe(pid);
  await web.stat("run");
  terminal.type(ctrlC);
  expect(await rig.result(terminal.command)).toMatchObject({ code: 0 });
  expect(isAlive(pid)).toBe(false);
  expect(web.run.signals().toSorted()).toEqual(["INT", "TERM"]);
});

rigTest(
  "Ctrl-C while a service ignores TERM leaves runsv waiting for it, to be killed with sv",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["trap INT TERM CONT"] });
    using terminal = await Terminal.open(rig, "exec runsv web");
    const { pid } = await web.run.started();
    await web.stat("run");
    terminal.type(ctrlC);
    await web.run.toldToStop();
    await web.stat("run, got TERM, want exit");
    terminal.type(ctrlC);
    await web.run.toldToStop(2);
    web.supervise.control("k");
    expect(await rig.result(terminal.command)).toMatchObject({ code: 0 });
    expect(isAlive(pid)).toBe(false);
  },
);

rigTest("lives on in the background of a terminal that has been closed", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap INT HUP"] });
  // With job control each job has its own process group.
  using terminal = await Terminal.open(rig, "set -m; runsv web & wait");
  await web.run.started();
  await web.stat("run");
  terminal.type(ctrlC);
  await rig.result(terminal.command);
  web.supervise.control("h");
  await web.run.signalled("HUP");
  expect(web.run.signals()).toEqual(["HUP"]);
});

rigTest("on a terminal a prefix has the colour of its service, unless NO_COLOR is set", ourSuites, async (rig) => {
  const spec = { files: { "log-prefix": "" }, run: { text: "#!/bin/sh\necho hello\nexec sleep 1000\n" } };
  const expected = { web: /^ESC\[3[1-6]mweb \| ESC\[0mhello\r\n$/, plain: /^plain \| hello\r\n$/ };
  for (const name of ["web", "plain"] as const) {
    rig.service(name, spec);
    const command = name === "plain" ? "NO_COLOR=1 exec runsv plain" : "exec runsv web";
    const keyboard = `keyboard-${name}`;
    using terminal = await Terminal.open(rig, command, keyboard);
    const shown = (): string => terminal.command.stdout().replaceAll("\u001B", "ESC");
    await rig.until("the line", () => shown().endsWith("hello\r\n"));
    expect(shown()).toMatch(expected[name]);
  }
});
