import { chmodSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { calledAs, chpst, directoryOf, fatal, linkTo, printed } from "../rig/runit/chpst.ts";
import { line } from "../rig/core/conformance.ts";
import { openFiles } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { nobody, root } from "../rig/process/under.ts";

/** Starts a program that holds the lock until it is killed. */
async function holder(rig: TestRig, command: string, words: readonly string[], path: string): Promise<RunningCommand> {
  const running = rig.start(command, [...words, "sleep", "600"]);
  await rig.until("the lock to be taken", () => isRun(running) && openFiles(running.pid).includes(path));
  return running;
}

/** True when the program has taken chpst's place. */
function isRun({ pid }: RunningCommand): boolean {
  return (
    readlinkSync(`/proc/${pid}/exe`).includes("sleep") ||
    readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("sleep")
  );
}

/** Waits until the process waits for a lock. */
async function waiting(rig: TestRig, { pid }: RunningCommand): Promise<void> {
  const blocked = new RegExp(`-> FLOCK .* ${pid} `);
  await rig.until("the wait for the lock", () => blocked.test(readFileSync("/proc/locks", "utf8")));
}

line("CHPST-17", "-l waits for the lock, -L fails at once; the program has the descriptor", {
  test: async (rig) => {
    const lock = join(rig.services, "lock");
    const first = await holder(rig, "chpst", ["-l", "lock"], lock);
    expect((statSync(lock).mode & 0o7777).toString(8)).toBe("600");
    expect(await chpst(rig, ["-L", "lock", "true"])).toMatchObject(fatal("unable to lock: lock: temporary failure"));
    const second = rig.start("chpst", ["-l", "lock", "echo", "locked"]);
    await waiting(rig, second);
    expect(second.stdout()).toBe("");
    first.kill("SIGKILL");
    expect(await rig.result(second)).toMatchObject(printed("locked\n"));
    await holder(rig, "chpst", ["-L", "lock"], lock);
  },
});

line("CHPST-17", "the lock is opened by the new user, whose file it is", {
  needs: root,
  test: async (rig) => {
    const open = directoryOf(rig, "open", {});
    chmodSync(open, 0o777);
    expect(await chpst(rig, ["-u", "nobody", "-l", join(open, "lock"), "true"])).toMatchObject(printed(""));
    expect(statSync(join(open, "lock"))).toMatchObject({ uid: nobody, gid: nobody });
    expect(await chpst(rig, ["-u", "nobody", "-l", "lock", "true"])).toMatchObject(
      fatal("unable to open lock: lock: access denied"),
    );
    for (const [path, reason] of [
      ["absent/lock", "file does not exist"],
      ["", "file does not exist"],
      [".", "is a directory"],
    ] as const) {
      expect(await chpst(rig, ["-l", path, "true"])).toMatchObject(fatal(`unable to open lock: ${path}: ${reason}`));
    }
  },
});

const setlockUsage = "usage: setlock [ -nNxX ] file program [ arg ... ]\n\n";

line("CHPST-21", "setlock fails at once, -n waits, the last of -n and -N counts", {
  test: async (rig) => {
    const lock = join(rig.services, "lock");
    const setlock = linkTo(rig, "setlock");
    const first = await holder(rig, setlock, ["lock"], lock);
    const taken = fatal("unable to lock: lock: temporary failure");
    for (const words of [[], ["-N"], ["-nN"], ["-xX"], ["-X"]]) {
      expect(await calledAs(rig, "setlock", [...words, "lock", "true"])).toMatchObject(taken);
    }
    for (const words of [["-x"], ["-Xx"], ["-x", "-N"]]) {
      expect(await calledAs(rig, "setlock", [...words, "lock", "echo", "run"])).toMatchObject(printed(""));
    }
    const second = rig.start(setlock, ["-Nn", "lock", "echo", "locked"]);
    await waiting(rig, second);
    first.kill("SIGKILL");
    expect(await rig.result(second)).toMatchObject(printed("locked\n"));
  },
});

line("CHPST-21", "setlock -x is silent about the file and the program, too", {
  test: async (rig) => {
    for (const name of ["setlock", "dsetlock"]) {
      expect(await calledAs(rig, name, ["absent/lock", "true"])).toMatchObject(
        fatal("unable to open lock: absent/lock: file does not exist"),
      );
      expect(await calledAs(rig, name, ["lock", "absent"])).toMatchObject(
        fatal("unable to run: absent: file does not exist"),
      );
      expect(await calledAs(rig, name, ["-x", "absent/lock", "true"])).toMatchObject(printed(""));
      expect(await calledAs(rig, name, ["-x", "lock", "absent"])).toMatchObject(printed(""));
      for (const words of [[], ["-n"], ["-x", "lock"]]) {
        expect(await calledAs(rig, name, words)).toMatchObject({ code: 100, stdout: "", stderr: setlockUsage });
      }
      const complaint = `${name}: illegal option -- V\n${setlockUsage}`;
      expect(await calledAs(rig, name, ["-V", "lock", "true"])).toMatchObject({ code: 100, stderr: complaint });
    }
  },
});
