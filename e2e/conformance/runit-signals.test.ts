import { statSync } from "node:fs";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import {
  bootMachine,
  lastingStage,
  type NamespacedMachine,
  ownMachine,
  type Scripts,
} from "../rig/container/namespaced-machine.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = ownMachine;
const stopFlag = "/run/runit.stopit";

/** A machine in stage 2. */
async function inStage2(rig: TestRig, scripts: Scripts = {}): Promise<NamespacedMachine> {
  const machine = bootMachine(rig, { "2": lastingStage, ...scripts });
  await machine.shows("stage 2 is up");
  return machine;
}

/** What the console has shown since stage 2 came up. */
function since(machine: NamespacedMachine): string {
  return machine.console().replace(/^[^]*stage 2 is up\n/, "");
}

/** What runit says after stage 2 has ended. */
const ending =
  "- runit: leave stage: /etc/runit/2\n- runit: enter stage: /etc/runit/3\nstage 3\n- runit: leave stage: /etc/runit/3\n- runit: sending KILL signal to all processes...\n- runit: power off...\n";

/** Shows that an earlier signal had no effect: a later one, sent behind it, is obeyed. */
async function passedOver(machine: NamespacedMachine, times: number): Promise<void> {
  machine.signal("SIGALRM");
  await machine.shows("got ALRM", times);
}

line("MISC-06", "CONT without the stop flag, or with one that its owner may not execute, is passed over", {
  needs,
  test: async (rig) => {
    const machine = await inStage2(rig);
    machine.signal("SIGCONT");
    await passedOver(machine, 1);
    machine.setFlag(stopFlag, 0);
    machine.signal("SIGCONT");
    await passedOver(machine, 2);
    machine.setFlag(stopFlag, 0o677);
    machine.signal("SIGCONT");
    await passedOver(machine, 3);
    expect(since(machine)).toBe("got ALRM\n".repeat(3));
  },
});

line("MISC-06", "CONT with the stop flag ends stage 2 with TERM, takes the flag back and goes on with stage 3", {
  needs,
  test: async (rig) => {
    const machine = await inStage2(rig, { "3": ["echo stage 3", "while [ ! -e /run/go ]; do sleep 0.05; done"] });
    machine.setFlag(stopFlag, 0o100);
    machine.signal("SIGCONT");
    await machine.shows("stage 3\n");
    expect(statSync(machine.file(stopFlag)).mode & 0o7777).toBe(0);
    machine.setFlag("/run/go", 0o644);
    expect(await machine.ended()).toBe("SIGINT");
    expect(since(machine)).toBe(`got TERM\n${ending}`);
  },
});

line("MISC-06", "a stage 2 that does not end within 5 s is killed", {
  needs,
  test: async (rig) => {
    const machine = await inStage2(rig, { "2": ['trap "" TERM', "echo stage 2 is up", "sleep 7272", "echo woken"] });
    machine.setFlag(stopFlag, 0o100);
    machine.signal("SIGCONT");
    expect(await machine.ended()).toBe("SIGINT");
    expect(since(machine)).toBe(`- runit: warning: stage 2 not terminated, sending sigkill...\n${ending}`);
  },
});

line("MISC-06", "the stop flag in its original place means nothing to Debian's runit", {
  needs,
  stock: async (rig) => {
    const machine = await inStage2(rig);
    machine.setFlag("/etc/runit/stopit", 0o100);
    machine.signal("SIGCONT");
    await passedOver(machine, 1);
    expect(since(machine)).toBe("got ALRM\n");
  },
  ours: async (rig) => {
    const machine = await inStage2(rig);
    machine.setFlag("/etc/runit/stopit", 0o100);
    machine.signal("SIGCONT");
    expect(await machine.ended()).toBe("SIGINT");
    expect(since(machine)).toBe(`got TERM\n${ending}`);
  },
  instead: "the stop flag counts in its original place as well as in Debian's",
  because: "one executable for both kinds of distribution",
});

line("MISC-06", "signals in the stages 1 and 3 are told of and do nothing", {
  needs,
  test: async (rig) => {
    const waiting = (number: number): readonly string[] => [
      `touch ${stopFlag}`,
      `chmod 100 ${stopFlag}`,
      `echo stage ${number} is up`,
      `while [ ! -e /run/go${number} ]; do sleep 0.05; done`,
    ];
    const machine = bootMachine(rig, { "1": waiting(1), "3": waiting(3) });
    const told = "- runit: warning: signals only work in stage 2.\n";
    let times = 0;
    for (const number of [1, 3]) {
      await machine.shows(`stage ${number} is up`);
      for (const signal of ["SIGCONT", "SIGINT", "SIGPWR", "SIGALRM"] as const) {
        machine.signal(signal);
        await machine.shows(told, ++times);
      }
      machine.setFlag(`/run/go${number}`, 0o644);
    }
    expect(await machine.ended()).toBe("SIGINT");
    const stage = (number: number, said: string): string =>
      `- runit: enter stage: /etc/runit/${number}\n${said}- runit: leave stage: /etc/runit/${number}\n`;
    const isUp = (number: number): string => stage(number, `stage ${number} is up\n${told.repeat(4)}`);
    expect(machine.console()).toBe(
      `${isUp(1)}${stage(2, "stage 2\n")}${isUp(3)}- runit: sending KILL signal to all processes...\n- runit: power off...\n`,
    );
  },
});

line("MISC-06", "TERM, HUP, QUIT, PIPE and the two USR do nothing", {
  needs,
  test: async (rig) => {
    const machine = await inStage2(rig);
    for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGUSR1", "SIGUSR2"] as const) {
      machine.signal(signal);
    }
    await passedOver(machine, 1);
    expect(since(machine)).toBe("got ALRM\n");
  },
});

const request = "- runit: ctrl-alt-del request...\n- runit: enter stage: /etc/runit/ctrlaltdel\n";
const requestDone = "- runit: leave stage: /etc/runit/ctrlaltdel\n";

line("MISC-07", "INT runs ctrlaltdel, and then does what CONT does", {
  needs,
  test: async (rig) => {
    const ctrlaltdel = [
      "set -- $(cat /proc/$$/stat)",
      '[ "$6" = $$ ] || echo shares',
      `chmod 100 ${stopFlag}`,
      "exit 7",
    ];
    const machine = await inStage2(rig, { ctrlaltdel });
    machine.setFlag(stopFlag, 0);
    machine.signal("SIGINT");
    expect(await machine.ended()).toBe("SIGINT");
    expect(since(machine)).toBe(`${request}shares\n${requestDone}got TERM\n${ending}`);
  },
});

line("MISC-07", "without the stop flag all that INT does is to run ctrlaltdel", {
  needs,
  test: async (rig) => {
    const machine = await inStage2(rig, { ctrlaltdel: ["kill -9 $$"] });
    machine.signal("SIGINT");
    await machine.shows("leave stage: /etc/runit/ctrlaltdel");
    await passedOver(machine, 1);
    const crashed = "- runit: warning: child crashed: /etc/runit/ctrlaltdel\n";
    expect(since(machine)).toBe(`${request}${crashed}${requestDone}got ALRM\n`);
  },
});

line("MISC-07", "without a ctrlaltdel that its owner may execute INT does nothing, whatever the stop flag says", {
  needs,
  test: async (rig) => {
    const machine = await inStage2(rig);
    machine.setFlag(stopFlag, 0o100);
    machine.signal("SIGINT");
    await passedOver(machine, 1);
    machine.script("ctrlaltdel", ["echo never"], 0o655);
    machine.signal("SIGINT");
    await passedOver(machine, 2);
    expect(since(machine)).toBe("got ALRM\n".repeat(2));
  },
});

line("MISC-08", "PWR ends the machine without any flag, and a line about signals is said in addition", {
  needs,
  stock: async (rig) => {
    const machine = await inStage2(rig);
    machine.signal("SIGPWR");
    expect(await machine.ended()).toBe("SIGINT");
    const stray = "- runit: warning: signals only work in stage 2.\n";
    expect(since(machine)).toContain(stray);
    expect(since(machine).replace(stray, "")).toBe(`got TERM\n${ending}`);
  },
  ours: async (rig) => {
    const machine = await inStage2(rig);
    machine.signal("SIGPWR");
    expect(await machine.ended()).toBe("SIGINT");
    expect(since(machine)).toBe(`got TERM\n${ending}`);
  },
  instead: "PWR ends the machine without any flag",
  because: "it came in stage 2, so there is nothing to warn of",
});

line("MISC-08", "PWR takes a stop flag back, and powers off whatever the reboot flag says", {
  needs,
  test: async (rig) => {
    const machine = await inStage2(rig, { "3": [`stat -c 'mode %a' ${stopFlag}`] });
    machine.setFlag(stopFlag, 0o100);
    machine.setFlag("/run/runit.reboot", 0o100);
    machine.signal("SIGPWR");
    expect(await machine.ended()).toBe("SIGINT");
    expect(since(machine)).toContain("mode 0\n");
    expect(since(machine)).toMatch(/- runit: power off\.\.\.\n$/);
  },
});

line("MISC-08", "ALRM is passed on to stage 2, each time", {
  needs,
  test: async (rig) => {
    const machine = await inStage2(rig);
    for (let times = 1; times <= 3; times++) await passedOver(machine, times);
    expect(since(machine)).toBe("got ALRM\n".repeat(3));
  },
});
