import { errno } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import { nextDeadline } from "../../src/core/stages.ts";
import { HandMachine } from "../helpers/hand-machine.ts";

const shutdown = ["leave stage: 3", "sending KILL signal to all processes...", "killAll"];
const poweredOff = [...shutdown, "power off...", "sync", "command powerOff"];

describe("stages", () => {
  test("follow each other, and the machine is powered off", () => {
    const machine = new HandMachine().begin();
    expect(machine.done()).toEqual(["command ctrlAltDelete", "test: booting.", "enter stage: 1", "start 1"]);
    expect(machine.exit(0).done()).toEqual(["leave stage: 1", "enter stage: 2", "start 2 in a session"]);
    expect(machine.exit(0).done()).toEqual(["leave stage: 2", "enter stage: 3", "start 3 in a session"]);
    expect(machine.exit(0).done()).toEqual(poweredOff);
  });

  test("wake nobody while they run", () => {
    for (const stage of ["1", "2", "3"] as const) expect(nextDeadline(HandMachine.in(stage).state)).toBe(Infinity);
  });

  test("a console that is missing is told of", () => {
    expect(new HandMachine().begin(errno.ENOENT).done()).toContain(
      "warning: unable to open /dev/console: file does not exist",
    );
  });

  test("orphans that end are none of them", () => {
    expect(HandMachine.in("2").exit(111, 4711).crash(4712).done()).toEqual([]);
  });

  test.each(["1", "2", "3"] as const)("stage %s waits 5 s for a process, and is entered once", (stage) => {
    const machine = new HandMachine();
    machine.failures.push(
      ...Array.from({ length: Number(stage) - 1 }, () => ({ errno: errno.ENOENT, isFork: false })),
      { errno: errno.EAGAIN, isFork: true },
    );
    machine.begin();
    expect(machine.done().slice(-2)).toEqual([
      expect.stringMatching(new RegExp(`^start ${stage}`)),
      `fatal: unable to fork for "${stage}" pausing: temporary failure`,
    ]);
    expect(machine.turn(4999).done()).toEqual([]);
    expect(machine.turn(1).done()).toEqual([expect.stringMatching(new RegExp(`^start ${stage}`))]);
  });

  test("a stage that cannot be executed is passed over", () => {
    const machine = new HandMachine();
    machine.failures.push({ errno: errno.ENOEXEC, isFork: false });
    expect(machine.begin().done().slice(-5)).toEqual([
      "start 1",
      "fatal: unable to start child: 1: exec format error",
      "leave stage: 1",
      "enter stage: 2",
      "start 2 in a session",
    ]);
  });
});

describe("stage 1", () => {
  test("goes on with stage 2 after a failure", () => {
    expect(HandMachine.in("1").exit(99).done().slice(0, 3)).toEqual([
      "warning: child failed: 1",
      "leave stage: 1",
      "enter stage: 2",
    ]);
  });

  test.each([
    ["exits 100", (machine: HandMachine) => machine.exit(100), "failed"],
    ["is killed", (machine: HandMachine) => machine.crash(), "crashed"],
  ])("has stage 2 left out when it %s", (_how, end, word) => {
    expect(end(HandMachine.in("1")).done()).toEqual([
      `warning: child ${word}: 1`,
      "leave stage: 1",
      "warning: skipping stage 2...",
      "enter stage: 3",
      "start 3 in a session",
    ]);
  });
});

describe("stage 2", () => {
  test.each([
    ["exits 111", (machine: HandMachine) => machine.exit(111), "failed"],
    ["is killed", (machine: HandMachine) => machine.crash(), "crashed"],
  ])("has its group killed and is entered again 5 s later when it %s", (_how, end, word) => {
    const machine = HandMachine.in("2");
    const group = -machine.pid();
    expect(end(machine).done()).toEqual([
      `warning: child ${word}: 2`,
      "warning: killing all processes in stage 2...",
      `SIGKILL ${group}`,
    ]);
    expect(machine.turn(4999).done()).toEqual([]);
    expect(machine.turn(1).done()).toEqual(["warning: restarting.", "enter stage: 2", "start 2 in a session"]);
  });

  test("can be ended while it waits to be entered again", () => {
    const machine = HandMachine.in("2").exit(111);
    machine.done();
    machine.isStopAsked = true;
    expect(machine.signal("SIGCONT").done()).toEqual(["leave stage: 2", "enter stage: 3", "start 3 in a session"]);
    expect(nextDeadline(machine.state)).toBe(Infinity);
  });
});

describe("the end", () => {
  test("is a reboot when that is asked for, without a sync when that is not wanted", () => {
    const machine = HandMachine.in("3");
    machine.isRebootAsked = true;
    machine.isSyncWanted = false;
    expect(machine.exit(0).done()).toEqual([...shutdown, "system reboot.", "command restart"]);
  });

  test("of a container that the kernel does not end is ours", () => {
    const machine = HandMachine.in("3");
    machine.refusals.set("powerOff", errno.EPERM);
    expect(machine.exit(0).done()).toEqual([...poweredOff, "fatal: unable to power off: permission denied", "end 130"]);
    const other = HandMachine.in("3");
    other.isRebootAsked = true;
    other.refusals.set("restart", errno.EPERM);
    expect(other.exit(0).done().slice(-2)).toEqual(["fatal: unable to reboot: permission denied", "end 129"]);
  });

  test("of a machine that cannot be powered off is to halt it, and never our own end", () => {
    const machine = HandMachine.in("3", { isContained: false });
    machine.refusals.set("powerOff", errno.EINVAL).set("halt", errno.EINVAL);
    expect(machine.exit(0).done()).toEqual([
      ...poweredOff,
      "fatal: unable to power off: invalid argument",
      "system halt.",
      "command halt",
      "fatal: unable to halt: invalid argument",
    ]);
  });

  test("is not held up by signals", () => {
    const machine = HandMachine.in("3").exit(0);
    machine.done();
    for (const signal of ["SIGCONT", "SIGINT", "SIGPWR", "SIGALRM"] as const) machine.signal(signal);
    expect(machine.done()).toEqual([]);
  });
});
