import { errno } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import { HandMachine } from "../helpers/hand-machine.ts";

const toStage3 = ["leave stage: 2", "enter stage: 3", "start 3 in a session"];
const entered = ["ctrl-alt-del request...", "enter stage: ctrlaltdel", "start ctrlaltdel"];
const left = "leave stage: ctrlaltdel";

describe.each(["1", "3"] as const)("in stage %s", (stage) => {
  test.each(["SIGCONT", "SIGINT", "SIGPWR", "SIGALRM"] as const)("%s is told of and does nothing", (signal) => {
    const machine = HandMachine.in(stage);
    machine.isStopAsked = true;
    machine.hasCtrlAltDel = true;
    expect(machine.signal(signal).done()).toEqual(["warning: signals only work in stage 2."]);
    expect(machine.isStopAsked).toBe(true);
  });
});

describe("a stop", () => {
  test("is TERM for stage 2, and stage 3 when it has ended, however", () => {
    const machine = HandMachine.in("2");
    const pid = machine.pid();
    expect(machine.signal("SIGCONT").done()).toEqual([]);
    machine.isStopAsked = true;
    expect(machine.signal("SIGCONT").done()).toEqual([`SIGTERM ${pid}`]);
    expect(machine.signal("SIGCONT").signal("SIGALRM").signal("SIGINT").done()).toEqual([]);
    expect(machine.exit(111).done()).toEqual(toStage3);
  });

  test("is KILL after 5 s, once", () => {
    const machine = HandMachine.in("2").signal("SIGPWR");
    const pid = machine.pid();
    machine.done();
    expect(machine.turn(4999).done()).toEqual([]);
    expect(machine.turn(1).done()).toEqual(["warning: stage 2 not terminated, sending sigkill...", `SIGKILL ${pid}`]);
    expect(machine.turn(100_000).done()).toEqual([]);
    expect(machine.crash().done()).toEqual(toStage3);
  });

  test("for want of power needs no flag, takes one back, and never reboots", () => {
    const machine = HandMachine.in("2");
    machine.isStopAsked = true;
    machine.isRebootAsked = true;
    expect(machine.signal("SIGPWR").done()).toEqual([`SIGTERM ${machine.pid()}`]);
    expect(machine.isStopAsked).toBe(false);
    expect(machine.exit(0).exit(0).done()).toContain("power off...");
  });
});

test("ALRM goes to stage 2, if there is one", () => {
  const machine = HandMachine.in("2");
  expect(machine.signal("SIGALRM").done()).toEqual([`SIGALRM ${machine.pid()}`]);
  machine.exit(111).done();
  expect(machine.signal("SIGALRM").done()).toEqual([]);
});

describe("ctrl-alt-del", () => {
  test("means nothing without its script", () => {
    const machine = HandMachine.in("2");
    machine.isStopAsked = true;
    expect(machine.signal("SIGINT").done()).toEqual([]);
    expect(machine.isStopAsked).toBe(true);
  });

  test("runs its script once, and then looks whether that asked for a stop", () => {
    const machine = HandMachine.in("2");
    machine.hasCtrlAltDel = true;
    expect(machine.signal("SIGINT").signal("SIGINT").done()).toEqual(entered);
    machine.isStopAsked = true;
    expect(machine.exit(7, machine.pid() + 1).done()).toEqual([left, `SIGTERM ${machine.pid()}`]);
  });

  test("tells of a script that was killed, and can be asked for again", () => {
    const machine = HandMachine.in("2");
    machine.hasCtrlAltDel = true;
    machine.signal("SIGINT").crash(machine.pid() + 1);
    expect(machine.done()).toEqual([...entered, "warning: child crashed: ctrlaltdel", left]);
    expect(machine.signal("SIGINT").done()).toEqual(entered);
  });

  test("tells of a script that cannot be started, and tries again where there was no process", () => {
    const machine = HandMachine.in("2");
    machine.hasCtrlAltDel = true;
    machine.failures.push({ errno: errno.EAGAIN, isFork: true }, { errno: errno.ENOENT, isFork: false });
    expect(machine.signal("SIGINT").done()).toEqual([
      ...entered,
      'fatal: unable to fork for "ctrlaltdel" pausing: temporary failure',
    ]);
    expect(machine.turn(5000).done()).toEqual([
      "start ctrlaltdel",
      "fatal: unable to start child: ctrlaltdel: file does not exist",
      left,
    ]);
  });

  test("does not hold up stage 2's own end, nor ends another stage", () => {
    const machine = HandMachine.in("2");
    machine.hasCtrlAltDel = true;
    const script = machine.pid() + 1;
    machine.signal("SIGINT").done();
    expect(machine.exit(0).done()).toEqual(toStage3);
    machine.isStopAsked = true;
    expect(machine.exit(0, script).done()).toEqual([left]);
    expect(machine.isStopAsked).toBe(true);
  });
});
