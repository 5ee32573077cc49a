/*
 * flag-critical: a service without which the others are useless; and the order in which everything stops.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { execaSync } from "execa";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { containerTest } from "../rig/container/namespaced-container.ts";
import { processState, childrenOf, commandLine } from "../rig/process/processes.ts";
import { countLines, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { stateToBe } from "../rig/runit/state-json.ts";
import { ourSuites } from "../rig/core/suites.ts";

const orderly = { words: ["--orderly"] } as const;

rigTest("a permanent failure of a critical service stops all, with its exit code", ourSuites, async (rig) => {
  const db = rig.service("db", { run: ["exit-on TERM"] });
  const files = { "flag-critical": "", restart: "never", "dependencies.d/db": "" };
  const web = rig.service("web", { files });
  const runsvdir = startRunsvdir(rig, orderly);
  await db.run.started();
  await web.run.exit(7);
  const { code, stderr } = await rig.result(runsvdir);
  expect(code).toBe(7);
  expect(db.run.signals()).toContain("TERM");
  expect(web.run.starts()).toHaveLength(1);
  // On a busy machine the stop may say for whom it waits.
  expect(stderr.split("\n").filter((line) => !line.includes("waiting for"))).toEqual([
    "runsv web: warning: giving up: ./run exited 7",
    `runsvdir ${rig.services}: warning: critical service web has ended with exit code 7, stopping all services`,
    "",
  ]);
});

rigTest("the exit code is 128 and the signal of a critical service that was killed", ourSuites, async (rig) => {
  const web = rig.service("web", { files: { "flag-critical": "\n", "restart-limit": "0 60" } });
  const runsvdir = startRunsvdir(rig, orderly);
  await web.run.die("KILL");
  expect((await rig.result(runsvdir)).code).toBe(137);
});

rigTest("a critical service that never could be started ends all with 111", ourSuites, async (rig) => {
  const files = { "flag-critical": "", "restart-limit": "1 60", "restart-delay": "0" };
  rig.service("web", { run: "absent", files });
  const { code } = await rig.result(startRunsvdir(rig, orderly));
  expect(code).toBe(111);
});

rigTest("with any-exit every end counts that sv has not asked for, success too", ourSuites, async (rig) => {
  const web = rig.service("web", { files: { "flag-critical": "any-exit\n", "restart-delay": "0" } });
  const runsvdir = startRunsvdir(rig, orderly);
  await web.run.started();
  web.supervise.control("t");
  await web.run.started(2);
  await web.stat("run");
  web.supervise.control("d");
  await web.stat("down");
  web.supervise.control("u");
  await web.run.started(3);
  expect(runsvdir.ending).toBeUndefined();
  await web.run.exit(0);
  expect((await rig.result(runsvdir)).code).toBe(0);
});

rigTest("a failure that is not for good stops nothing", ourSuites, async (rig) => {
  const web = rig.service("web", { files: { "flag-critical": "", "restart-delay": "0" } });
  const runsvdir = startRunsvdir(rig, orderly);
  await web.run.exit(1);
  await web.run.started(2);
  await stateToBe(rig, web, { critical: true, failed: null, state: "run" });
  runsvdir.kill("SIGTERM");
  const { code, stderr } = await rig.result(runsvdir);
  expect(code).toBe(0);
  const warning = "runsv web: warning: flag-critical: without restart or restart-limit no failure is for good\n";
  expect(stderr.split(warning)).toHaveLength(2);
});

rigTest("a flag-critical with another content is critical all the same, and says so", ourSuites, async (rig) => {
  const web = rig.service("web", { files: { "flag-critical": "yes\n", "restart-limit": "0 60" } });
  const runsvdir = startRunsvdir(rig, orderly);
  await web.run.exit(4);
  const { code, stderr } = await rig.result(runsvdir);
  expect(code).toBe(4);
  expect(stderr).toContain('runsv web: warning: flag-critical: "yes" is not empty or "any-exit", taken as empty\n');
  expect(stderr).not.toContain("no failure is for good");
});

rigTest("without --orderly a critical failure is only a warning", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["exit 3"], files: { "flag-critical": "", restart: "never" } });
  const db = rig.service("db");
  const runsvdir = startRunsvdir(rig);
  const line =
    `runsvdir ${rig.services}: warning: critical service web has ended with exit code 3; ` +
    "nothing is stopped, as that takes --orderly or process 1";
  await rig.until("the warning", () => countLines(runsvdir, line) === 1);
  web.supervise.control("u");
  await rig.until("another one", () => countLines(runsvdir, line) === 2);
  await stateToBe(rig, db, { state: "run" });
  expect(runsvdir.ending).toBeUndefined();
});

rigTest("a critical failure that meets a full pipe is told when that is read", ourSuites, async (rig) => {
  const fifo = rig.path("events");
  execaSync("mkfifo", [fifo]);
  const reader = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    expect(() => fill(reader)).toThrow(/EAGAIN/);
    const web = rig.service("web", { files: { "flag-critical": "", restart: "never" } });
    await rig.runsv(web, { under: ["sh", "-c", 'exec 9>"$0"; UPKEEP_EVENTS_FD=9 exec "$@"', fifo] });
    await web.run.exit(7);
    // None of this waits for the reader.
    await stateToBe(rig, web, { state: "down", want: "down" });
    const cat = rig.start("cat", [fifo]);
    const told = await rig.until("the event", () => /^x*(\{.*"critical":true\})$/m.exec(cat.stdout())?.[1]);
    expect(JSON.parse(told)).toMatchObject({ event: "failed", service: "web", code: 7 });
  } finally {
    closeSync(reader);
  }
});

rigTest("an orderly stop takes dependants before what they depend on", ourSuites, async (rig) => {
  // Each one takes some time to stop, and says when it has stopped.
  const make = (name: string, ...needs: readonly string[]): void => {
    const text = `#!/bin/sh\ntrap 'sleep 0.3; echo ${name} >> ../order; exit 0' TERM\n: > up\nwhile :; do sleep 0.05; done\n`;
    rig.service(name, {
      run: { text },
      files: Object.fromEntries(needs.map((need) => [`dependencies.d/${need}`, ""])),
    });
  };
  make("aaa");
  make("app", "aaa", "job");
  make("web", "app");
  make("one", "two");
  rig.service("job", { run: ["exit 0"], files: { restart: "never" } });
  make("two");
  const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "60"] });
  for (const name of ["aaa", "app", "web", "one", "two"]) {
    await rig.until(`${name} to run`, () => rig.exists(rig.path("service", name, "up")));
  }
  runsvdir.kill("SIGTERM");
  expect((await rig.result(runsvdir)).code).toBe(0);
  const order = rig.read(rig.path("service", "order")).trimEnd().split("\n");
  expect(order.toSorted()).toEqual(["aaa", "app", "one", "two", "web"]);
  expect(before(order, "web", "app") && before(order, "app", "aaa") && before(order, "one", "two")).toBe(true);
});

rigTest(
  "a circle, and a dependant that does not stop, hold an orderly stop up no longer than its time",
  ourSuites,
  async (rig) => {
    const one = rig.service("one", { run: ["exit-on TERM"] });
    const two = rig.service("two", { run: ["exit-on TERM"] });
    const stubborn = rig.service("stubborn", { run: ["ignore TERM"], files: { "dependencies.d/db": "" } });
    const db = rig.service("db", { run: ["ignore TERM"] });
    const runsvdir = startRunsvdir(rig, { words: ["--orderly", "--stop-timeout", "5"] });
    for (const service of [one, two, stubborn, db]) await service.run.started();
    rig.service("one", { run: ["exit-on TERM"], files: { "dependencies.d/two": "" } });
    rig.service("two", { run: ["exit-on TERM"], files: { "dependencies.d/one": "" } });
    runsvdir.kill("SIGTERM");
    const { code, stderr } = await rig.result(runsvdir);
    expect(code).toBe(0);
    expect([...one.run.signals(), ...two.run.signals()].filter((signal) => signal === "TERM")).toHaveLength(2);
    expect(stderr).toContain("in time, sending kill\n");
  },
);

for (const [title, words] of [
  ["without a main command", []],
  ["beside a main command", ["--", "sleep", "1000"]],
] as const) {
  containerTest(`a critical service ends the container, ${title}`, async (box) => {
    box.script("service/web/run", "echo web runs", "exit 9");
    box.file("service/web/restart", "never\n").file("service/web/flag-critical", "");
    box.script("service/db/run", "exec sleep 1000");
    const { code, stderr } = await box.run({ words });
    expect(code).toBe(9);
    expect(stderr).toContain("critical service web has ended with exit code 9, stopping all services\n");
  });
}

containerTest(
  "a critical service ends the container, although my_init hears of it and of runsvdir's end at once",
  async (box, rig) => {
    box.script("service/web/run", "echo web runs", "until [ -e /etc/over ]; do sleep 0.1; done", "exit 9");
    box.file("service/web/restart", "never\n").file("service/web/flag-critical", "");
    box.start({ words: ["--", "sleep", "1000"] });
    await box.shows("web runs\n");
    const isRunsvdir = (pid: number): boolean => commandLine(pid).at(-1) === "/etc/service";
    const runsvdir = await rig.until("runsvdir", () => childrenOf(box.processOne()).find(isRunsvdir));
    box.signal("SIGSTOP");
    box.file("over", "");
    await rig.until("the end of runsvdir", () => processState(runsvdir) === "Z");
    box.signal("SIGCONT");
    const { code, stdout } = await box.ended();
    expect([code, stdout]).toEqual([9, "web runs\n"]);
  },
);

/** Writes until it cannot. Throws as node:fs does. */
function fill(fd: number): never {
  for (const block of Array.from({ length: 16 }, () => Buffer.alloc(4096, "x"))) writeSync(fd, block);
  for (;;) writeSync(fd, "x");
}

function before(order: readonly string[], first: string, second: string): boolean {
  return order.indexOf(first) < order.indexOf(second);
}
