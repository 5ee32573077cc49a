import { closeSync, fstatSync, writeSync } from "node:fs";

import type { RestartPolicy } from "@upkeep/service-directory/core/run-settings";
import { defaultPolicy } from "@upkeep/service-directory/core/run-settings";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { expect, test } from "vitest";

import { firstPid, openEngine, type EngineOptions, type FakeEngine } from "../helpers/engine.ts";
import { until } from "../helpers/until.ts";

const exited = (pid: number, code: number) => ({ pid, status: code << 8 });
const killed = (pid: number, signal: number) => ({ pid, status: signal });

/** The `./run` of an engine without a log. */
const run = firstPid;
/** What is started next. */
const next = firstPid + 1;

/** An engine whose service runs. */
function openRunning(options: EngineOptions = {}): FakeEngine {
  const engine = openEngine(options);
  engine.interpreter.tick();
  engine.take();
  return engine;
}

test("a start is announced before the process is started, and published after it", () => {
  const { interpreter, take } = openEngine();
  interpreter.tick();
  expect(take()).toEqual([
    "check dependencies",
    "announce service run, starting",
    `start run ${run}`,
    "report ready",
    "publish run",
  ]);
});

test("./finish is announced before it is started, once the leftovers have been looked for", () => {
  const { interpreter, take } = openRunning({ hasFinish: true });
  interpreter.reaped([exited(run, 3)]);
  expect(take()).toEqual([
    "report unready",
    'report exit {"kind":"exited","code":3}',
    `look for leftovers of ${run}`,
    "announce service finish, ended",
    `start finish ${next}`,
    "publish finish",
  ]);
});

test("without a ./finish none is announced", () => {
  const { interpreter, take } = openRunning();
  interpreter.reaped([exited(run, 0)]);
  expect(take().filter((call) => call.startsWith("announce"))).toEqual([]);
});

test("the log is started before the service", () => {
  const { interpreter, take } = openEngine({ log: "up" });
  interpreter.tick();
  expect(take()).toEqual([
    "announce log run, starting",
    "start log/run 1000",
    "check dependencies",
    "announce service run, starting",
    "start run 1001",
    "report ready",
    "publish run, log run",
  ]);
});

test("the status is published before a control script starts", () => {
  const { interpreter, take } = openRunning({ scripts: ["h"] });
  interpreter.obey("service", ["hup"]);
  expect(take()).toEqual(["publish run control/h", `start control/h ${next}`, "publish run control/h"]);
});

test("without a control script the signal is sent, and the status is published once", () => {
  const { interpreter, take } = openRunning();
  interpreter.obey("service", ["hup"]);
  expect(take()).toEqual([`signal SIGHUP ${run}`, "publish run"]);
});

test("commands that come together make one publication", () => {
  const { interpreter, take } = openRunning();
  interpreter.obey("service", ["pause", "cont", "alarm"]);
  expect(take()).toEqual([`signal SIGSTOP ${run}`, `signal SIGCONT ${run}`, `signal SIGALRM ${run}`, "publish run"]);
});

test("what was only asked for is published at the end of the turn, as it is then", () => {
  const due: (() => void)[] = [];
  const engine = openRunning({ atTurnEnd: (action) => void due.push(action) });
  const { interpreter, answers, take } = engine;
  const endTurn = (): void => due.splice(0).forEach((action) => action());

  interpreter.obey("service", ["term"]);
  interpreter.obey("service", ["down"]);
  expect(take()).not.toContain("publish run");
  expect(interpreter.isLeaving()).toBe(false);
  endTurn();
  expect(take()).toEqual(["publish run"]);

  interpreter.obey("service", ["exit"]);
  expect(interpreter.isLeaving()).toBe(true);
  answers.retryAt = 6000;
  endTurn();
  expect(take().slice(-2)).toEqual(["publish run", "publish run"]);
  answers.retryAt = Infinity;

  interpreter.obey("service", ["exit"]);
  interpreter.reaped([killed(run, 15)]);
  expect(take().slice(-2)).toEqual(["publish down", "exit"]);
  endTurn();
  expect(take()).toEqual([]);
});

test("an engine that is stopped publishes no more", () => {
  const due: (() => void)[] = [];
  const { interpreter, take } = openRunning({ atTurnEnd: (action) => void due.push(action) });
  interpreter.obey("service", ["exit"]);
  interpreter.stop();
  take();
  for (const action of due) action();
  expect(take()).toEqual([]);
});

test("a control script takes the place of the signal when it exits 0 and not otherwise", () => {
  const ends = [
    { end: exited(next, 0), signals: [] },
    { end: exited(next, 1), signals: [`signal SIGHUP ${run}`] },
    { end: killed(next, 9), signals: [`signal SIGHUP ${run}`] },
  ];
  for (const { end, signals } of ends) {
    const { interpreter, take } = openRunning({ scripts: ["h"] });
    interpreter.obey("service", ["hup"]);
    take();
    interpreter.reaped([end]);
    expect(take()).toEqual([...signals, "publish run"]);
  }
});

test("the signal is sent when the control script cannot be started", () => {
  const { interpreter, take } = openRunning({ scripts: ["h"], canStartScripts: false });
  interpreter.obey("service", ["hup"]);
  expect(take()).toEqual(["publish run control/h", `signal SIGHUP ${run}`, "publish run"]);
});

test("a process that gets the pid of an ended control script is not taken for the script", () => {
  const { interpreter, answers, take } = openRunning({ scripts: ["h"], hasFinish: true });
  interpreter.obey("service", ["hup"]);
  interpreter.reaped([exited(next, 0)]);
  answers.nextPid = next;
  interpreter.reaped([exited(run, 0)]);
  expect(take()).toContain(`start finish ${next}`);
  interpreter.reaped([exited(next, 0)]);
  expect(take()).toEqual(["publish down"]);
});

test("./run that ends while a control script works waits for the end of the script", () => {
  const { interpreter, take } = openRunning({ scripts: ["h"] });
  interpreter.obey("service", ["hup"]);
  take();
  interpreter.reaped([exited(run, 0)]);
  expect(take()).toEqual(["publish run control/h"]);
  interpreter.reaped([exited(next, 0)]);
  expect(take().at(-1)).toBe("publish down");
});

test("a child that was reaped goes to its own slot only", () => {
  const { interpreter, take, published } = openRunning({ log: "up" });
  const [log, service] = [firstPid, firstPid + 1];
  interpreter.reaped([exited(log, 0)]);
  expect(take()).toEqual([`look for leftovers of ${log}`, "publish run, log down"]);
  interpreter.reaped([killed(service, 11)]);
  expect(take()).toEqual([
    "report unready",
    'report exit {"kind":"killed","signal":11,"core":false}',
    `look for leftovers of ${service}`,
    "publish down, log down",
  ]);
  expect(published()).toMatchObject({ service: { lastExit: { group: service } }, log: { lastExit: { group: log } } });
});

test("children that were reaped together are each dealt with", () => {
  const { interpreter, published } = openRunning({ log: "up" });
  interpreter.reaped([exited(firstPid, 1), exited(77, 0), exited(firstPid + 1, 2)]);
  expect(published()).toMatchObject({
    service: { lastExit: { exit: { code: 2 } } },
    log: { lastExit: { exit: { code: 1 } } },
  });
});

test("an orphan changes nothing, and makes the engine do what is due", () => {
  const { interpreter, clock, take } = openRunning();
  interpreter.reaped([exited(77, 0)]);
  expect(take()).toEqual(["publish run"]);
  interpreter.reaped([exited(run, 0)]);
  take();
  interpreter.reaped([exited(77, 0)]);
  expect(take()).toEqual(["publish down"]);
  clock.now += 1000;
  interpreter.reaped([exited(77, 0)]);
  expect(take()).toContain(`start run ${next}`);
});

test("an orphan makes the engine look again whether leftovers are there", () => {
  const { interpreter, answers, clock, take } = openRunning({ hasLeftovers: true });
  interpreter.reaped([exited(run, 0)]);
  expect(take()).toEqual([
    "report unready",
    'report exit {"kind":"exited","code":0}',
    `look for leftovers of ${run}`,
    `signal SIGTERM leftovers of ${run}`,
    `signal SIGCONT leftovers of ${run}`,
    "publish leftovers",
  ]);
  answers.hasLeftovers = false;
  clock.now += 1;
  interpreter.reaped([exited(77, 0)]);
  expect(take()).toEqual([`look for leftovers of ${run}`, "publish down"]);
});

test("an adopted process that has ended is gone in a way that nobody knows", () => {
  const { interpreter, take } = openRunning();
  interpreter.lost("service", run);
  expect(take()).toContain('report exit {"kind":"unknown"}');
});

test("a process that tells it is ready is ready, unless it is an earlier one", () => {
  const { interpreter, take } = openRunning({ settings: { readiness: { kind: "notification-fd", fd: 3 } } });
  interpreter.notified(77);
  expect(take()).toEqual(["publish run"]);
  interpreter.notified(run);
  expect(take()).toEqual(["report ready", "publish run"]);
});

test("./check is started after its pause, and killed with its group when ./run ends", () => {
  const { interpreter, clock, take } = openRunning({ settings: { readiness: { kind: "check", otherwise: null } } });
  for (let turn = 0; turn < 20 && !take().includes(`start check ${next}`); turn++) {
    clock.now += 100;
    interpreter.tick();
  }
  interpreter.reaped([exited(run, 0)]);
  expect(take()).toContain(`kill group of ${next}`);
});

test("./finish is killed with its group when its time is over", () => {
  const { interpreter, clock, take } = openRunning({ hasFinish: true, settings: { timeoutFinish: 500 } });
  interpreter.reaped([exited(run, 0)]);
  take();
  clock.now += 499;
  interpreter.tick();
  expect(take()).toEqual(["publish finish"]);
  clock.now += 1;
  interpreter.tick();
  expect(take()).toEqual([`kill group of ${next}`, "publish finish"]);
});

test("a service whose dependencies are missing warns of the problem, and looks again when one changes", () => {
  const { interpreter, answers, take } = openEngine({ missing: ["db"], problem: "it does not exist" });
  interpreter.tick();
  expect(take()).toEqual(["check dependencies", "warning: waiting for db: it does not exist", "publish waiting"]);
  answers.missing = [];
  interpreter.dependencyChanged();
  expect(take()).toContain(`start run ${run}`);
});

test("the dependencies are forgotten when the service is not wanted up any more", () => {
  const { interpreter, take } = openEngine({ missing: ["db"] });
  interpreter.tick();
  take();
  interpreter.obey("service", ["down"]);
  expect(take()).toEqual(["forget dependencies", "publish down"]);
});

test("a permanent failure is warned of, and reported as critical", () => {
  const policy: RestartPolicy = { ...defaultPolicy, restart: "never", heedsFinish: true, critical: "failure" };
  const { interpreter, take } = openRunning({ settings: { policy } });
  interpreter.reaped([exited(run, 2)]);
  const calls = take();
  expect(calls.at(-3)).toMatch(/^warning: giving up: /);
  expect(calls.slice(-2)).toEqual(['report failed {"kind":"exited","code":2}, critical', "publish down"]);
});

test("at the end the state is published before onExit is called, which is called once", () => {
  const { interpreter, calls, take } = openRunning();
  interpreter.obey("service", ["exit"]);
  expect(take()).toEqual([`signal 15 ${run}`, `signal SIGCONT ${run}`, "publish run"]);
  interpreter.reaped([killed(run, 15)]);
  expect(calls.slice(0, calls.indexOf("exit"))).toEqual([
    "report unready",
    'report exit {"kind":"killed","signal":15,"core":false}',
    `look for leftovers of ${run}`,
    "forget dependencies",
    "publish down",
  ]);
  interpreter.obey("service", ["exit", "up"]);
  interpreter.reaped([exited(run, 0)]);
  interpreter.lost("service", run);
  interpreter.tick();
  expect(calls.filter((call) => call === "exit")).toHaveLength(1);
  expect(calls.filter((call) => call.startsWith("start "))).toEqual([]);
});

test("the log has its end of input when the service has ended, and the engine exits when the log has", () => {
  const logPipe = createPipe();
  const { interpreter, take } = openRunning({ log: "up", logPipe });
  interpreter.obey("service", ["exit"]);
  expect([fstatSync(logPipe.read).isFIFO(), fstatSync(logPipe.write).isFIFO()]).toEqual([true, true]);
  interpreter.reaped([killed(firstPid + 1, 15)]);
  expect(take()).not.toContain("exit");
  expect(() => closeSync(logPipe.write)).toThrow("EBADF");
  interpreter.reaped([exited(firstPid, 0)]);
  expect(take().slice(-3)).toEqual(["forget dependencies", "publish down, log down", "exit"]);
  closeSync(logPipe.read);
});

test("a log that was killed before it had read all is started once more", () => {
  const logPipe = createPipe();
  const { interpreter, take } = openRunning({ log: "up", logPipe });
  writeSync(logPipe.write, "a line\n");
  interpreter.obey("service", ["exit"]);
  interpreter.reaped([killed(firstPid + 1, 15)]);
  take();
  interpreter.reaped([killed(firstPid, 9)]);
  expect(take()).toContain("start log/run 1002");
  interpreter.reaped([killed(firstPid + 2, 9)]);
  expect(take()).toContain("exit");
  closeSync(logPipe.read);
});

test("the engine wakes by itself for its next deadline", async () => {
  const { interpreter, clock, calls, take } = openRunning();
  interpreter.reaped([exited(run, 0)]);
  clock.now += 999;
  interpreter.tick();
  expect(take()).not.toContain(`start run ${next}`);
  clock.now += 1;
  await until(() => calls.includes(`start run ${next}`));
});

test("the engine wakes by itself to publish again what could not be written", async () => {
  const { interpreter, answers, clock, calls, take } = openRunning();
  answers.retryAt = clock.now + 1;
  interpreter.tick();
  expect(take()).toEqual(["publish run"]);
  answers.retryAt = Infinity;
  await until(() => calls.length > 0);
  expect(calls).toEqual(["publish run"]);
});
