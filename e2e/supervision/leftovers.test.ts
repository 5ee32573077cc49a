/*
 * The rest of a run's process group is ended before finish and before the next start.
 *
 * Every run here locks a file, and its children inherit the lock. A program that starts while one of them lives notes
 * that it is `not alone`, like a server whose port a leftover worker still holds.
 */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive, processState, signalProcess } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import type { Plan } from "../rig/scripted/program.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const stubborn: Plan = ["trap TERM CONT"];

rigTest(
  "sends TERM and CONT to the group that a killed run left, before finish and the next start",
  ourSuites,
  async (rig) => {
    const { web } = await startWithChild(rig, ["exit-on TERM"]);
    await web.run.die("KILL");
    await web.run.started(2);
    expect(web.run.child.signals()).toEqual(["TERM"]);
    expectNobodyMet(web);
    const ends = ["web/run/child exit", "web/finish start"];
    expect(order(rig, ends)).toEqual(ends);
  },
);

rigTest("ends what a run left that exited by itself, too", ourSuites, async (rig) => {
  const { web } = await startWithChild(rig, ["exit-on TERM"]);
  await web.run.exit(0);
  await web.run.started(2);
  expect(web.run.child.signals()).toEqual(["TERM"]);
  expectNobodyMet(web);
});

rigTest("ends leftovers that are stopped", ourSuites, async (rig) => {
  const { web, child } = await startWithChild(rig, ["exit-on TERM"]);
  signalProcess(child, "SIGSTOP");
  await rig.until("state T", () => processState(child) === "T");
  await web.run.die("KILL");
  await web.run.started(2);
  expect(web.run.child.signals()).toEqual(["TERM"]);
  expectNobodyMet(web);
});

rigTest("kills leftovers that ignore TERM after timeout-kill milliseconds", ourSuites, async (rig) => {
  const { web, child } = await startWithChild(rig, stubborn, { "timeout-kill": "7000\n" });
  await web.run.die("KILL");
  const finish = await web.finish.started();
  expect(finish.at - endOfRun(web)).toBeGreaterThanOrEqual(6950);
  expect(web.run.child.signals().toSorted()).toEqual(["CONT", "TERM"]);
  expect(isAlive(child)).toBe(false);
  await web.run.started(2);
  expectNobodyMet(web);
});

rigTest("kills leftovers that ignore TERM after 5 s without a timeout-kill", ourSuites, async (rig) => {
  const { web, child } = await startWithChild(rig, stubborn);
  await web.run.die("KILL");
  const finish = await web.finish.started();
  expect(finish.at - endOfRun(web)).toBeGreaterThanOrEqual(4950);
  expect(isAlive(child)).toBe(false);
  expectNobodyMet(web);
});

rigTest("goes on as soon as the last leftover has gone", ourSuites, async (rig) => {
  const { web } = await startWithChild(rig, stubborn, { "timeout-kill": "600000" });
  await web.run.die("KILL");
  await web.run.child.toldToStop();
  await web.run.child.exit(0);
  await web.finish.started();
  expectNobodyMet(web);
});

rigTest("is down only when the leftovers have gone", ourSuites, async (rig) => {
  const { web, child } = await startWithChild(rig, stubborn, { "timeout-kill": "3000" });
  web.supervise.control("d");
  await web.stat("down");
  expect(isAlive(child)).toBe(false);
  expect(web.run.child.signals().toSorted()).toEqual(["CONT", "TERM"]);
  expect(web.finish.starts()).toHaveLength(1);
  expectNobodyMet(web);
});

rigTest("exits only when the leftovers have gone", ourSuites, async (rig) => {
  const { web, child, runsv } = await startWithChild(rig, stubborn, { "timeout-kill": "3000" });
  web.supervise.control("x");
  expect((await rig.result(runsv)).code).toBe(0);
  expect(isAlive(child)).toBe(false);
  expect(web.finish.starts()).toHaveLength(1);
  expectNobodyMet(web);
});

rigTest("obeys d while it waits for the leftovers of a crash", ourSuites, async (rig) => {
  const { web } = await startWithChild(rig, stubborn, { "timeout-kill": "600000" });
  await web.run.die("KILL");
  await web.run.child.toldToStop();
  web.supervise.control("d");
  await rig.until("want down", () => web.supervise.status().want === "d");
  await web.run.child.exit(0);
  await web.finish.started();
  await web.stat("down");
  expect(web.run.starts()).toHaveLength(1);
});

rigTest("leaves leftovers alone where the file flag-keep-leftovers says so", ourSuites, async (rig) => {
  const { web, child } = await startWithChild(rig, ["trap TERM CONT USR1"], { "flag-keep-leftovers": "" });
  await web.run.die("KILL");
  await web.run.started(2);
  // A signal that had been sent before the restart would have arrived before this one.
  signalProcess(child, "SIGUSR1");
  await web.run.child.signalled("USR1");
  expect(web.run.child.signals()).toEqual(["USR1"]);
});

rigTest("has no group to end where no-setsid makes the run share runsv's", ourSuites, async (rig) => {
  const { web, child, runsv } = await startWithChild(rig, ["trap TERM CONT USR1"], { "no-setsid": "" });
  await web.run.die("KILL");
  await web.run.started(2);
  signalProcess(child, "SIGUSR1");
  await web.run.child.signalled("USR1");
  expect(web.run.child.signals()).toEqual(["USR1"]);
  expect(runsv.ending).toBeUndefined();
});

rigTest(
  "takes nobody of runsv's own group for an orphan where no-setsid is beside flag-kill-orphans",
  ourSuites,
  async (rig) => {
    const files = { "no-setsid": "", "flag-kill-orphans": "" };
    const { web, child, runsv } = await startWithChild(rig, ["trap TERM CONT USR1"], files);
    await web.run.die("KILL");
    await web.run.started(2);
    signalProcess(child, "SIGUSR1");
    await web.run.child.signalled("USR1");
    expect(web.run.child.signals()).toEqual(["USR1"]);
    expect(runsv.ending).toBeUndefined();
  },
);

rigTest("leaves descendants alone that have left the group", ourSuites, async (rig) => {
  const { web, child } = await startWithChild(rig, ["trap TERM CONT USR1", "session"]);
  await web.run.die("KILL");
  await web.run.started(2);
  signalProcess(child, "SIGUSR1");
  await web.run.child.signalled("USR1");
  expect(web.run.child.signals()).toEqual(["USR1"]);
});

rigTest(
  "ends descendants that have left the group where the file flag-kill-orphans says so",
  ourSuites,
  async (rig) => {
    const { web, child } = await startWithChild(rig, ["exit-on TERM", "session"], { "flag-kill-orphans": "" });
    await web.run.die("KILL");
    await web.run.started(2);
    expect(web.run.child.signals()).toEqual(["TERM"]);
    expect(isAlive(child)).toBe(false);
    expectNobodyMet(web);
  },
);

rigTest(
  "with flag-kill-orphans and flag-keep-leftovers ends what has left the group, and leaves the group alone",
  ourSuites,
  async (rig) => {
    const files = { "flag-kill-orphans": "", "flag-keep-leftovers": "" };
    const { web, child } = await startWithChild(rig, ["trap TERM CONT USR1"], files);
    const outside = await web.run.fork(["exit-on TERM", "session"]);
    await web.run.die("KILL");
    await web.run.started(2);
    expect([child, outside].map(isAlive)).toEqual([true, false]);
    await web.run.die("KILL");
    await web.run.started(3);
    expect(isAlive(child)).toBe(true);
  },
);

rigTest("kills such descendants after timeout-kill when they ignore TERM", ourSuites, async (rig) => {
  const files = { "flag-kill-orphans": "", "timeout-kill": "7000" };
  const { web, child } = await startWithChild(rig, [...stubborn, "session"], files);
  await web.run.die("KILL");
  const finish = await web.finish.started();
  expect(finish.at - endOfRun(web)).toBeGreaterThanOrEqual(6950);
  expect(isAlive(child)).toBe(false);
  await web.run.started(2);
  expectNobodyMet(web);
});

rigTest(
  "with flag-kill-orphans ends a daemon whose parent is long gone, and reaps what exits before",
  ourSuites,
  async (rig) => {
    const { web } = await startWithChild(rig, ["session"], { "flag-kill-orphans": "" });
    // The children of the child lose their parent, as with a daemon that forks twice.
    await web.run.child.tell("fork exit-on TERM;session");
    await web.run.child.tell("fork trap TERM;session");
    const grandchildren = await rig.until("two grandchildren", () => {
      const starts = web.run.child.child.starts();
      return starts.length === 2 ? starts.map((start) => start.pid) : undefined;
    });
    const [daemon = 0, ended = 0] = grandchildren;
    await web.run.child.exit(0);
    signalProcess(ended, "SIGKILL");
    await rig.until("the orphan to be reaped", () => processState(ended) === undefined);
    expect(isAlive(daemon)).toBe(true);
    await web.run.die("KILL");
    await web.run.started(2);
    expect(isAlive(daemon)).toBe(false);
    expectNobodyMet(web);
  },
);

rigTest("does not wait for what has ended and is reaped by nobody", ourSuites, async (rig) => {
  // The parent of the leftover has its own session, so that it stays, and does nothing.
  const text = [
    "#!/usr/bin/perl",
    "use POSIX ();",
    "sub note { open(my $file, '>>', shift) or die; print $file \"@_\\n\"; close($file) }",
    "sub rest { sleep 1000 while 1 }",
    "$SIG{CHLD} = 'DEFAULT';",
    "my $keeper = fork();",
    "if ($keeper == 0) {",
    "  my $leftover = fork();",
    "  if ($leftover == 0) { rest() }",
    "  POSIX::setsid();",
    "  note('leftovers', $leftover);",
    "  rest();",
    "}",
    "rest();",
    "",
  ].join("\n");
  const web = rig.service("web", { run: { text } });
  const runsv = await rig.runsv(web);
  const leftovers = (count: number): Promise<readonly number[]> =>
    rig.until(`${count} leftovers`, () => {
      const pids = rig.read(web.file("leftovers")).split("\n").filter(Boolean).map(Number);
      return pids.length === count ? pids : undefined;
    });
  const [first = 0] = await leftovers(1);
  web.supervise.control("k");
  await leftovers(2);
  expect(processState(first)).toBe("Z");
  web.supervise.control("x");
  expect((await rig.result(runsv)).code).toBe(0);
  expect(runsv.stderr()).toBe("");
});

interface WithChild {
  readonly web: ScriptedService;
  readonly runsv: RunningCommand;
  readonly child: number;
}

/** Starts a service whose run has one child with that plan. Both, and finish, notice a leftover. */
async function startWithChild(
  rig: TestRig,
  plan: Plan,
  files: Readonly<Record<string, string>> = {},
): Promise<WithChild> {
  const alone = `alone ${rig.path("lock")}`;
  const web = rig.service("web", { run: [alone], finish: [alone, "exit 0"], files });
  const runsv = await rig.runsv(web);
  await web.run.started();
  // It must not be the "down" before the first start.
  await web.stat("run");
  return { web, runsv, child: await web.run.fork(plan) };
}

function expectNobodyMet(web: ScriptedService): void {
  const notes = [...web.run.events(), ...web.finish.events()].filter((event) => event.event === "note");
  expect(notes).toEqual([]);
}

/** When the first run ended, in milliseconds since boot. */
function endOfRun(web: ScriptedService): number {
  const end = web.run.events().find((event) => event.event === "die" || event.event === "exit");
  if (end === undefined) throw new Error("run has not ended");
  return end.at;
}

/** The journal's events of these kinds, in order. */
function order(rig: TestRig, kinds: readonly string[]): readonly string[] {
  return rig.journal
    .events()
    .map((event) => `${event.role} ${event.event}`)
    .filter((kind) => kinds.includes(kind));
}
