import { readdirSync } from "node:fs";
import { expect } from "vitest";
import { line, rigTest } from "../rig/core/conformance.ts";
import { besideProcessOne } from "../rig/container/namespaces.ts";
import { bootMachine, ownMachine } from "../rig/container/namespaced-machine.ts";
import { program } from "../rig/core/needs.ts";
import { childrenOf } from "../rig/process/processes.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = ownMachine;

/** What runit says of a stage that prints its own name and succeeds. */
function stage(number: number): string {
  return `- runit: enter stage: /etc/runit/${number}\nstage ${number}\n- runit: leave stage: /etc/runit/${number}\n`;
}

const end = "- runit: sending KILL signal to all processes...\n- runit: power off...\n";

line("MISC-04", "refuses to be anything but process 1", {
  needs,
  test: async (rig) => {
    for (const operands of [[], ["2"], ["-x", "y"]]) {
      expect(await rig.run("runit", operands, { under: besideProcessOne })).toEqual({
        code: 111,
        signal: undefined,
        stdout: "",
        stderr: "- runit: fatal: must be run as process no 1.\n",
      });
    }
  },
});

line("MISC-05", "runs the stages 1, 2 and 3 in order, and powers off", {
  needs,
  test: async (rig) => {
    const machine = bootMachine(rig);
    expect(await machine.ended()).toBe("SIGINT");
    expect(machine.console()).toBe(stage(1) + stage(2) + stage(3) + end);
  },
});

line("MISC-05", "stage 1 shares its session and can read the console; the others lead their own and cannot", {
  needs,
  test: async (rig) => {
    const facts = [
      "set -- $(cat /proc/$$/stat)",
      '[ "$6" = $$ ] && echo leads || echo shares',
      "[ $(($(sed -n 's/^flags:.*\\(.\\)$/\\1/p' /proc/$$/fdinfo/0) & 3)) = 2 ] && echo reads || echo writes",
      "grep -E '^Sig(Blk|Pnd)' /proc/self/status",
    ];
    const machine = bootMachine(rig, { "1": facts, "2": facts, "3": facts });
    await machine.ended();
    const none = "SigPnd:\t0000000000000000\nSigBlk:\t0000000000000000\n";
    const told = machine.console().replaceAll(/^- .*\n/gm, "");
    expect(told).toBe(`shares\nreads\n${none}leads\nwrites\n${none}leads\nwrites\n${none}`);
  },
});

line("MISC-05", "stages inherit CONT ignored", {
  needs,
  stock: async (rig) => {
    expect(await ignoredInStages(rig)).toBe("0000000000020000");
  },
  ours: async (rig) => {
    expect(await ignoredInStages(rig)).toBe("0000000000000000");
  },
  instead: "stages start with every signal at its default",
  because: "what they start would inherit it, as runit 2.3.0",
});

async function ignoredInStages(rig: TestRig): Promise<string | undefined> {
  const machine = bootMachine(rig, { "2": ["grep SigIgn /proc/self/status"] });
  await machine.ended();
  return /SigIgn:\t(\w+)/.exec(machine.console())?.[1];
}

line("MISC-05", "a stage that fails is told of, and the next one follows", {
  needs,
  test: async (rig) => {
    const machine = bootMachine(rig, { "1": ["exit 3"], "2": ["exit 4"], "3": ["exit 111"] });
    expect(await machine.ended()).toBe("SIGINT");
    const failed = (number: number): string =>
      `- runit: enter stage: /etc/runit/${number}\n- runit: warning: child failed: /etc/runit/${number}\n- runit: leave stage: /etc/runit/${number}\n`;
    expect(machine.console()).toBe(failed(1) + failed(2) + failed(3) + end);
  },
});

line("MISC-05", "stages that are not there are told of, and passed over", {
  needs,
  test: async (rig) => {
    const machine = bootMachine(rig, { "1": null, "2": null, "3": null });
    expect(await machine.ended()).toBe("SIGINT");
    const missing = (number: number): string =>
      `- runit: enter stage: /etc/runit/${number}\n- runit: fatal: unable to start child: /etc/runit/${number}: file does not exist\n- runit: leave stage: /etc/runit/${number}\n`;
    expect(machine.console()).toBe(missing(1) + missing(2) + missing(3) + end);
  },
});

line("MISC-05", "stage 1 that exits 100 has stage 2 left out", {
  needs,
  test: async (rig) => {
    const machine = bootMachine(rig, { "1": ["exit 100"] });
    expect(await machine.ended()).toBe("SIGINT");
    const skipped =
      "- runit: enter stage: /etc/runit/1\n- runit: warning: child failed: /etc/runit/1\n- runit: leave stage: /etc/runit/1\n- runit: warning: skipping stage 2...\n";
    expect(machine.console()).toBe(skipped + stage(3) + end);
  },
});

line("MISC-05", "stage 2 that exits 111 loses its process group and is entered again", {
  needs,
  test: async (rig) => {
    const again = ["[ -e /run/again ] && exec ps -e -o args=", "touch /run/again", "sleep 7171 &", "exit 111"];
    const machine = bootMachine(rig, { "2": again });
    expect(await machine.ended()).toBe("SIGINT");
    expect(machine.console()).toContain(
      "- runit: enter stage: /etc/runit/2\n- runit: warning: child failed: /etc/runit/2\n- runit: warning: killing all processes in stage 2...\n- runit: warning: restarting.\n- runit: enter stage: /etc/runit/2\n",
    );
    expect(machine.console()).not.toContain("sleep 7171");
  },
});

line("MISC-05", "a stage 1 that is killed is as one that succeeded", {
  needs,
  stock: async (rig) => {
    const machine = bootMachine(rig, { "1": ["kill -9 $$"] });
    await machine.ended();
    const unnoticed = "- runit: enter stage: /etc/runit/1\n- runit: leave stage: /etc/runit/1\n";
    expect(machine.console()).toBe(unnoticed + stage(2) + stage(3) + end);
  },
  ours: async (rig) => {
    const machine = bootMachine(rig, { "1": ["kill -9 $$"] });
    await machine.ended();
    const noticed =
      "- runit: enter stage: /etc/runit/1\n- runit: warning: child crashed: /etc/runit/1\n- runit: leave stage: /etc/runit/1\n- runit: warning: skipping stage 2...\n";
    expect(machine.console()).toBe(noticed + stage(3) + end);
  },
  instead: "a stage 1 that is killed is told of, and has stage 2 left out",
  because: "its work is not done; as documented, and as runit 2.3.0",
});

line("MISC-05", "a stage 2 that is killed ends the machine", {
  needs,
  stock: async (rig) => {
    const machine = bootMachine(rig, { "2": ["kill -9 $$"] });
    await machine.ended();
    const unnoticed = "- runit: enter stage: /etc/runit/2\n- runit: leave stage: /etc/runit/2\n";
    expect(machine.console()).toBe(stage(1) + unnoticed + stage(3) + end);
  },
  ours: async (rig) => {
    const machine = bootMachine(rig, { "2": ["[ -e /run/again ] && exit 0", "touch /run/again", "kill -9 $$"] });
    await machine.ended();
    expect(machine.console()).toContain(
      "- runit: warning: child crashed: /etc/runit/2\n- runit: warning: killing all processes in stage 2...\n- runit: warning: restarting.\n- runit: enter stage: /etc/runit/2\n- runit: leave stage: /etc/runit/2\n",
    );
  },
  instead: "a stage 2 that is killed is entered again",
  because: "one stray signal must not take the machine down; as documented, and as runit 2.3.0",
});

line("MISC-05", "reaps the orphans that it adopts", {
  needs,
  test: async (rig) => {
    const orphans = [
      "for i in 1 2 3 4 5 6 7 8; do (exec sleep 0.0$i &) ; done",
      "echo stage 2 is up",
      "exec sleep 7474",
    ];
    const machine = bootMachine(rig, { "2": orphans });
    await machine.shows("stage 2 is up");
    // A zombie is still a child.
    await rig.until("stage 2 to be the only child", () => childrenOf(machine.processOne()).length === 1);
  },
});

line("MISC-10", "with the reboot flag executable for its owner it reboots, otherwise it powers off", {
  needs,
  test: async (rig) => {
    const flag = (mode: string): readonly string[] => ["touch /run/runit.reboot", `chmod ${mode} /run/runit.reboot`];
    const machine = bootMachine(rig, { "3": flag("100") });
    expect(await machine.ended()).toBe("SIGHUP");
    expect(machine.console()).toMatch(/sending KILL signal to all processes\.\.\.\n- runit: system reboot\.\n$/);
  },
});

line("MISC-10", "a reboot flag that its owner may not execute means nothing", {
  needs,
  test: async (rig) => {
    const machine = bootMachine(rig, { "3": ["touch /run/runit.reboot", "chmod 655 /run/runit.reboot"] });
    expect(await machine.ended()).toBe("SIGINT");
    expect(machine.console()).toMatch(/- runit: power off\.\.\.\n$/);
  },
});

line("MISC-10", "the original place of the reboot flag means nothing to Debian's runit", {
  needs,
  stock: async (rig) => {
    const machine = bootMachine(rig, { "3": ["touch /etc/runit/reboot", "chmod 100 /etc/runit/reboot"] });
    expect(await machine.ended()).toBe("SIGINT");
  },
  ours: async (rig) => {
    const machine = bootMachine(rig, { "3": ["touch /etc/runit/reboot", "chmod 100 /etc/runit/reboot"] });
    expect(await machine.ended()).toBe("SIGHUP");
    expect(machine.console()).toMatch(/- runit: system reboot\.\n$/);
  },
  instead: "the flags count in the original place as well as in Debian's",
  because: "one executable for both kinds of distribution",
});

line("MISC-10", "file systems are synced before the end, unless /etc/runit/nosync exists", {
  needs: needs ?? program("strace", "strace"),
  test: async (rig) => {
    const trace = rig.path("trace");
    const outside = ["strace", "-f", "-e", "trace=sync,reboot", "-o", trace];
    const calls = (): readonly string[] => [...rig.read(trace).matchAll(/\bsync\(|POWER_OFF/g)].map(([call]) => call);
    const synced = bootMachine(rig, {}, { outside });
    expect(await synced.ended()).toBe("SIGINT");
    expect(calls()).toEqual(["sync(", "POWER_OFF"]);
    const unsynced = bootMachine(rig, { "1": ["touch /etc/runit/nosync"] }, { outside });
    expect(await unsynced.ended()).toBe("SIGINT");
    expect(calls()).toEqual(["POWER_OFF"]);
  },
});

line("MISC-10", "without the right to power off it waits for ever, in silence", {
  needs,
  stock: async (rig) => {
    const machine = bootMachine(rig, {}, { under: ["setpriv", "--bounding-set", "-sys_boot"] });
    await machine.shows("- runit: system halt.\n");
    expect(machine.console()).toBe(`${stage(1)}${stage(2)}${stage(3)}${end}- runit: system halt.\n`);
    expect(machine.command.ending).toBeUndefined();
  },
  ours: async (rig) => {
    const machine = bootMachine(rig, {}, { under: ["setpriv", "--bounding-set", "-sys_boot"] });
    expect(await machine.ended()).toBe("exit 130");
    const refused = "- runit: fatal: unable to power off: permission denied\n";
    expect(machine.console()).toBe(stage(1) + stage(2) + stage(3) + end + refused);
  },
  instead: "without the right to power off, the process 1 of a container says so and exits 130, or 129 for a reboot",
  because: "container engines withhold that right, and the container would hang",
});

rigTest(
  "what a power-off signal brings in leaves no descriptor behind",
  ourSuites,
  async (rig) => {
    const wait = ["echo stage 1 is up", "while [ ! -e /run/go ]; do sleep 0.05; done"];
    const machine = bootMachine(rig, { "1": wait });
    await machine.shows("stage 1 is up");
    const open = (): number => readdirSync(machine.file("/proc/1/fd")).length;
    const before = open();
    for (let times = 1; times <= 10; times++) {
      machine.signal("SIGPWR");
      await machine.shows("signals only work in stage 2.", times);
    }
    // Some descriptor may be open for a moment, before as well as now.
    await rig.until("about as many descriptors as before", () => open() < before + 5);
    machine.setFlag("/run/go", 0o644);
    expect(await machine.ended()).toBe("SIGINT");
  },
  { needs },
);
