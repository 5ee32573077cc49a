import { statSync } from "node:fs";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { bootMachine, initCommand, type NamespacedMachine, ownMachine } from "../rig/container/namespaced-machine.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = ownMachine;
const stopFlag = "/run/runit.stopit";
const rebootFlag = "/run/runit.reboot";

/** A shell as process 1, which says what it gets and runs what it is sent: only here is runit-init safe. */
async function shellMachine(rig: TestRig, ...lines: readonly string[]): Promise<NamespacedMachine> {
  const script = [
    'trap "echo got CONT" CONT',
    'run() { "$@" 2>&1; echo "exit $?"; }',
    ...lines,
    "echo all is said",
    "while :; do sleep 1 & wait $!; done",
  ].join("\n");
  const machine = bootMachine(
    rig,
    {},
    { command: ["sh", "-c", `exec >/dev/console\n${script}`, initCommand(rig.suite)] },
  );
  await machine.shows("all is said");
  return machine;
}

function said(machine: NamespacedMachine): string {
  return machine.console().replace("all is said\n", "");
}

function mode(machine: NamespacedMachine, path: string): number | undefined {
  const stat = statSync(machine.file(path), { throwIfNoEntry: false });
  return stat === undefined ? undefined : stat.mode & 0o7777;
}

line("MISC-09", "init 0 raises the stop flag, lowers the reboot flag, and sends CONT", {
  needs,
  test: async (rig) => {
    const machine = await shellMachine(rig, `touch ${rebootFlag}`, `chmod 155 ${rebootFlag}`, 'run "$0" 0');
    expect(said(machine)).toBe("got CONT\nexit 0\n");
    expect([mode(machine, stopFlag), mode(machine, rebootFlag)]).toEqual([0o100, 0]);
  },
});

line("MISC-09", "only the first letter counts, and init 0 makes no reboot flag", {
  needs,
  test: async (rig) => {
    const halt = await shellMachine(rig, 'run "$0" 0x 6');
    expect(said(halt)).toBe("got CONT\nexit 0\n");
    expect([mode(halt, stopFlag), mode(halt, rebootFlag)]).toEqual([0o100, undefined]);
  },
});

line("MISC-09", "init 6 raises both flags, and sends CONT", {
  needs,
  test: async (rig) => {
    const machine = await shellMachine(rig, 'run "$0" 60 q');
    expect(said(machine)).toBe("got CONT\nexit 0\n");
    expect([mode(machine, stopFlag), mode(machine, rebootFlag)]).toEqual([0o100, 0o100]);
  },
});

line("MISC-09", "init without 0 or 6 prints the usage, and exits 0", {
  needs,
  test: async (rig) => {
    const calls = ['run "$0"', 'run "$0" 5', `run "$0" ''`, 'run "$0" -- 0', 'run "$0" single'];
    const machine = await shellMachine(rig, ...calls);
    // Node does not tell by which name a script was called.
    const lines = said(machine).replaceAll(/^usage: \S*\/?runit-init /gm, "usage: INIT ");
    expect(lines).toBe("usage: INIT 0|6\n\nexit 0\n".repeat(calls.length));
    expect(mode(machine, stopFlag)).toBeUndefined();
  },
});

/** Each of the two flags in turn cannot be made. */
const flagsRefused = [`mkdir ${stopFlag}`, 'run "$0" 0', "mount -o remount,ro /run", 'run "$0" 6'];

line("MISC-09", "a flag that cannot be made: init exits 111, but the reason is another call's", {
  needs,
  stock: async (rig) => {
    const machine = await shellMachine(rig, ...flagsRefused);
    const refused = "init: fatal: unable to create /run/runit.stopit: file descriptor not open\nexit 111\n";
    expect(said(machine)).toBe(refused + refused);
  },
  ours: async (rig) => {
    const machine = await shellMachine(rig, ...flagsRefused);
    const refused = (path: string, reason: string): string =>
      `init: fatal: unable to create ${path}: ${reason}\nexit 111\n`;
    expect(said(machine)).toBe(refused(stopFlag, "is a directory") + refused(rebootFlag, "read-only file system"));
  },
  instead: "a flag that cannot be made: init exits 111 and says why",
  because: "the reason was that of closing the file that was not opened",
});

line("MISC-09", "the original flags are not known to Debian's init", {
  needs,
  stock: async (rig) => {
    const machine = await shellMachine(rig, "touch /etc/runit/stopit", "chmod 0 /etc/runit/stopit", 'run "$0" 6');
    expect([mode(machine, "/etc/runit/stopit"), mode(machine, stopFlag)]).toEqual([0, 0o100]);
  },
  ours: async (rig) => {
    const machine = await shellMachine(rig, "touch /etc/runit/stopit", "chmod 0 /etc/runit/stopit", 'run "$0" 6');
    expect([mode(machine, "/etc/runit/stopit"), mode(machine, "/etc/runit/reboot")]).toEqual([0o100, 0o100]);
    expect(mode(machine, stopFlag)).toBeUndefined();
  },
  instead: "the original flags are used where stage 1 has made the stop flag there",
  because: "one executable for both kinds of distribution",
});

line("MISC-09", "init as process 1 executes /sbin/runit", {
  needs,
  stock: async (rig) => {
    const machine = bootMachine(rig, {}, { command: [initCommand(rig.suite), "single"] });
    expect(await machine.ended()).toBe("SIGINT");
    expect(machine.console()).toContain("- runit: enter stage: /etc/runit/1\nstage 1\n");
  },
  ours: async (rig) => {
    const machine = bootMachine(rig, {}, { command: [initCommand(rig.suite), "single"] });
    expect(await machine.ended()).toBe("SIGINT");
    expect(machine.console()).toContain("- runit: enter stage: /etc/runit/1\nstage 1\n");
  },
  instead: "init as process 1 is runit itself",
  because: "a machine whose /sbin/runit is gone must start all the same",
});

line("MISC-09", "init 0 and 6 end a machine that runit runs", {
  needs,
  test: async (rig) => {
    const init = initCommand(rig.suite);
    const machine = bootMachine(rig, {
      "2": ['trap "exit 0" TERM', `${init} 6`, "while :; do sleep 1 & wait $!; done"],
    });
    expect(await machine.ended()).toBe("SIGHUP");
    expect(machine.console()).toMatch(/- runit: system reboot\.\n$/);
  },
});
