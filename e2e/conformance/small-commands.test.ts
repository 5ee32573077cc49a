import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { line, rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { existsOnMachine, privateMounts, withMounts } from "../rig/core/needs.ts";
import type { Result } from "../rig/process/running-command.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needsRunsvdirs = privateMounts ?? existsOnMachine("/etc/runit", "runit");
const needs = privateMounts;

/** Runs runsvchdir with the rig's directory `etc` as /etc/runit. */
async function runsvchdir(rig: TestRig, ...operands: readonly string[]): Promise<Result> {
  return await rig.run("runsvchdir", operands, { under: withMounts(`--bind ${rig.path("etc")} /etc/runit`) });
}

/** The rig's /etc/runit/runsvdir, with the directories one and two, of which one is current. */
function runsvdirs(rig: TestRig): string {
  const base = rig.path("etc/runsvdir");
  for (const name of ["one", "two"]) mkdirSync(join(base, name), { recursive: true });
  symlinkSync("one", join(base, "current"));
  return base;
}

function done(text: string): Result {
  return { code: 0, signal: undefined, stdout: `runsvchdir: ${text}\n`, stderr: "" };
}

/** Errors begin with the program's name as it was typed; when PATH finds the program, that is the base name. */
function refused(text: string): Result {
  return { code: 111, signal: undefined, stdout: "", stderr: `runsvchdir: fatal: ${text}\n` };
}

line("MISC-01", "runsvchdir makes another directory current and remembers the one before", {
  needs: needsRunsvdirs,
  test: async (rig) => {
    const base = runsvdirs(rig);
    const links = (): readonly string[] => ["current", "previous"].map((name) => readlinkSync(join(base, name)));
    expect(await runsvchdir(rig, "two")).toEqual(done("two: now current."));
    expect(links()).toEqual(["two", "one"]);
    expect(await runsvchdir(rig, "one/")).toEqual(done("one/: now current."));
    expect(links()).toEqual(["one/", "two"]);
    mkdirSync(rig.path("elsewhere"));
    const elsewhere = rig.path("elsewhere");
    expect(await runsvchdir(rig, elsewhere, "two")).toEqual(done(`${elsewhere}: now current.`));
    expect(links()).toEqual([elsewhere, "one/"]);
  },
});

line("MISC-01", "runsvchdir to the directory that is current changes nothing, by whatever name", {
  needs: needsRunsvdirs,
  test: async (rig) => {
    const base = runsvdirs(rig);
    for (const name of ["one", "one/", "current", "/etc/runit/runsvdir/one"]) {
      expect(await runsvchdir(rig, name)).toEqual(done(`${name}: current.`));
    }
    expect(readlinkSync(join(base, "current"))).toBe("one");
    expect(rig.exists(join(base, "previous"))).toBe(false);
  },
});

line("MISC-02", "runsvchdir refuses what is no directory to change to", {
  needs: needsRunsvdirs,
  test: async (rig) => {
    const base = runsvdirs(rig);
    writeFileSync(join(base, "file"), "");
    symlinkSync("loop", join(base, "loop"));
    for (const name of [".one", "./one", ".."]) {
      expect(await runsvchdir(rig, name)).toEqual(refused(`${name}: must not start with a dot.`));
    }
    for (const name of ["nosuch", "", "-x", "--"]) {
      expect(await runsvchdir(rig, name, "two")).toEqual(refused(`${name}: file does not exist`));
    }
    expect(await runsvchdir(rig, "file")).toEqual(refused("filenot a directory."));
    expect(await runsvchdir(rig, "loop")).toEqual(refused("unable to stat: loop: symbolic link loop"));
    expect(readlinkSync(join(base, "current"))).toBe("one");
  },
});

line("MISC-02", "runsvchdir refuses where there is nothing to change", {
  needs: needsRunsvdirs,
  test: async (rig) => {
    mkdirSync(rig.path("etc"));
    expect(await runsvchdir(rig, "two")).toEqual(refused("unable to chdir: /etc/runit/runsvdir: file does not exist"));
    const base = runsvdirs(rig);
    rmSync(join(base, "current"));
    expect(await runsvchdir(rig, "two")).toEqual(refused("unable to stat: current: file does not exist"));
    symlinkSync("gone", join(base, "current"));
    expect(await runsvchdir(rig, "two")).toEqual(refused("unable to stat: current: file does not exist"));
  },
});

line("MISC-02", "runsvchdir does not remove what is in its way, and leaves current as it was", {
  needs: needsRunsvdirs,
  test: async (rig) => {
    const base = runsvdirs(rig);
    mkdirSync(join(base, "current.new"));
    expect(await runsvchdir(rig, "two")).toEqual(refused("unable to unlink: current.new: is a directory"));
    rmSync(join(base, "current.new"), { recursive: true });
    mkdirSync(join(base, "previous"));
    expect(await runsvchdir(rig, "two")).toEqual(refused("unable to unlink: previous: is a directory"));
    expect(readlinkSync(join(base, "current"))).toBe("one");
  },
});

line("MISC-02", "runsvchdir without a directory prints its usage", {
  test: async (rig) => {
    const { code, stdout, stderr } = await rig.run("runsvchdir");
    expect([code, stdout, stderr]).toEqual([1, "", "usage: runsvchdir dir\n\n"]);
  },
});

const recordSize = 384;

interface Login {
  readonly type: number;
  readonly line: string;
  readonly user: string;
  readonly host: string;
  readonly seconds: number;
}

/** A record of glibc's utmp; all other bytes are 0x55. */
function record({ type, line: name, user, host, seconds }: Login): Buffer {
  const bytes = Buffer.alloc(recordSize, 0x55);
  bytes.writeUInt16LE(type, 0);
  for (const [text, at, size] of [
    [name, 8, 32],
    [user, 44, 32],
    [host, 76, 256],
  ] as const) {
    bytes.fill(0, at, at + size).write(text, at);
  }
  bytes.writeUInt32LE(seconds, 340);
  return bytes;
}

function readRecords(path: string): readonly Buffer[] {
  const bytes = readFileSync(path);
  return Array.from({ length: bytes.length / recordSize }, (_, index) =>
    bytes.subarray(index * recordSize, (index + 1) * recordSize),
  );
}

const nobodyThere: Login = { type: 6, line: "tty1", user: "", host: "old", seconds: 900 };
const first: Login = { type: 7, line: "tty1", user: "bob", host: "far.example", seconds: 1000 };
const second: Login = { type: 7, line: "tty1", user: "eve", host: "near.example", seconds: 2000 };
const other: Login = { type: 7, line: "tty11", user: "joe", host: "", seconds: 3000 };

/** A utmp with these logins, and a wtmp. Both are mounted over the machine's files. */
function accounting(rig: TestRig, ...logins: readonly Login[]): { readonly utmp: string; readonly wtmp: string } {
  mkdirSync(rig.path("run"));
  mkdirSync(rig.path("log"));
  const utmp = rig.path("run/utmp");
  writeFileSync(utmp, Buffer.concat(logins.map(record)));
  return { utmp, wtmp: rig.path("log/wtmp") };
}

async function utmpset(rig: TestRig, ...operands: readonly string[]): Promise<Result> {
  const mounts = [`--bind ${rig.path("run")} /run`, `--bind ${rig.path("log")} /var/log`];
  return await rig.run("utmpset", operands, { under: withMounts(...mounts) });
}

function answer(code: number, stderr = ""): Result {
  return { code, signal: undefined, stdout: "", stderr };
}

line("MISC-03", "utmpset ends the first login at the line, and no other", {
  needs,
  test: async (rig) => {
    const { utmp, wtmp } = accounting(rig, nobodyThere, other, first, second);
    const before = Math.floor(Date.now() / 1000);
    expect(await utmpset(rig, "tty1")).toEqual(answer(0));
    const [one, two, three, four] = readRecords(utmp);
    expect([one, two, four]).toEqual([nobodyThere, other, second].map(record));
    const seconds = three?.readUInt32LE(340) ?? 0;
    expect(seconds).toBeGreaterThanOrEqual(before);
    expect(three).toEqual(record({ ...first, type: 8, user: "", host: "", seconds }));
    expect(rig.exists(wtmp)).toBe(false);
  },
});

line("MISC-03", "utmpset -w adds one record of the logout to wtmp, making the file", {
  needs,
  test: async (rig) => {
    const { utmp, wtmp } = accounting(rig, first, second);
    expect(await utmpset(rig, "-w", "tty1")).toEqual(answer(0));
    expect(await utmpset(rig, "-ww", "--", "tty1")).toEqual(answer(0));
    const logouts = readRecords(wtmp);
    expect(logouts).toHaveLength(2);
    expect(logouts).toEqual(
      readRecords(utmp).map((changed) => {
        const logout = Buffer.alloc(recordSize);
        logout.writeUInt16LE(8, 0);
        logout.write("tty1", 8);
        changed.copy(logout, 340, 340, 344);
        return logout;
      }),
    );
  },
});

line("MISC-03", "utmpset tells of a line at which nobody is, and leaves wtmp alone", {
  needs,
  test: async (rig) => {
    const { utmp, wtmp } = accounting(rig, nobodyThere, other);
    const before = readFileSync(utmp);
    for (const name of ["tty1", "", "-", "tty", "A".repeat(33)]) {
      const missing = `utmpset: warning: unable to logout line ${name} in utmp: no such entry\n`;
      expect(await utmpset(rig, "-w", name)).toEqual(answer(111, missing));
    }
    expect(readFileSync(utmp)).toEqual(before);
    expect(rig.exists(wtmp)).toBe(false);
  },
});

line("MISC-03", "utmpset tells which file it cannot open", {
  needs,
  test: async (rig) => {
    const { utmp, wtmp } = accounting(rig, first);
    mkdirSync(wtmp);
    const fatal = (path: string, reason: string): Result =>
      answer(111, `utmpset: fatal: unable to open ${path}: ${reason}\n`);
    expect(await utmpset(rig, "-w", "tty1")).toEqual(fatal("/var/log/wtmp", "is a directory"));
    rmSync(utmp);
    expect(await utmpset(rig, "tty1")).toEqual(fatal("/var/run/utmp", "file does not exist"));
    mkdirSync(utmp);
    expect(await utmpset(rig, "tty1")).toEqual(fatal("/var/run/utmp", "is a directory"));
  },
});

line("MISC-03", "utmpset waits for the lock of the file", {
  needs,
  test: async (rig) => {
    const { utmp } = accounting(rig, first);
    const holder = rig.start("flock", [utmp, "sh", "-c", 'while [ ! -e "$0" ]; do sleep 0.02; done', rig.path("go")]);
    await rig.until("the lock to be held", () => isLocked(holder.pid));
    const mounts = [`--bind ${rig.path("run")} /run`, `--bind ${rig.path("log")} /var/log`];
    const waiting = rig.start("utmpset", ["tty1"], { under: withMounts(...mounts) });
    await rig.until("utmpset to wait for it", () => hasOpen(waiting.pid, "/utmp"));
    writeFileSync(rig.path("go"), "");
    expect(await rig.result(waiting)).toEqual(answer(0));
  },
});

rigTest(
  "utmpset does not wait for ever for a lock that anybody may hold",
  ourSuites,
  async (rig) => {
    const { utmp } = accounting(rig, first);
    const holder = rig.start("flock", [utmp, "sleep", "600"]);
    await rig.until("the lock to be held", () => isLocked(holder.pid));
    const warning = "utmpset: warning: /var/run/utmp stays locked, going on without the lock\n";
    expect(await utmpset(rig, "tty1")).toEqual(answer(0, warning));
    expect(readRecords(utmp)[0]?.readUInt16LE(0)).toBe(8);
  },
  { needs },
);

function isLocked(pid: number): boolean {
  return new RegExp(`^\\d+: FLOCK .* ${pid} `, "m").test(readFileSync("/proc/locks", "latin1"));
}

/** Whether a process has a file open whose path ends like that. */
function hasOpen(pid: number, end: string): boolean {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).some((fd) => readlinkSync(`${directory}/${fd}`).endsWith(end));
  } catch {
    return false;
  }
}

line("MISC-03", "utmpset prints its usage for what makes no sense", {
  test: async (rig) => {
    const usage = "usage: utmpset [-w] line\n\n";
    for (const words of [[], ["-w"], ["--"]]) expect(await rig.run("utmpset", words)).toEqual(answer(1, usage));
    for (const words of [
      ["-x", "tty1"],
      ["-wx", "tty1"],
    ]) {
      expect(await rig.run("utmpset", words)).toEqual(answer(1, `utmpset: illegal option -- x\n${usage}`));
    }
    const { code, stderr } = await rig.run("utmpset", ["-V", "tty1"]);
    expect([code, stderr.replace(/^\$Id: .* \$\n/, "ID\n")]).toEqual([1, `ID\n${usage}`]);
  },
});

line("MISC-03", "utmpset does not find a line whose name fills its field", {
  needs,
  stock: async (rig) => {
    const { utmp } = accounting(rig, { ...first, line: "L".repeat(32) });
    expect((await utmpset(rig, "L".repeat(32))).code).toBe(111);
    expect(readRecords(utmp)[0]?.readUInt16LE(0)).toBe(7);
  },
  ours: async (rig) => {
    const { utmp } = accounting(rig, { ...first, line: "L".repeat(32) });
    expect(await utmpset(rig, "L".repeat(32))).toEqual(answer(0));
    expect(readRecords(utmp)[0]?.readUInt16LE(0)).toBe(8);
  },
  instead: "utmpset finds a line whose name fills its field, too",
  because: "such a name has no end mark, and the comparison ran on into the next field",
});
