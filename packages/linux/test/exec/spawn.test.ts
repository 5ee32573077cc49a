import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";

import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { errno } from "@upkeep/linux/core/errno";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { setProcessName, setSubreaper } from "@upkeep/linux/process/process-control";
import { childPids, parseProcessInfo, processInfo } from "@upkeep/linux/process/process-info";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { isLastingFailure, spawn, type SpawnRequest, type SpawnResult } from "@upkeep/linux/exec/spawn";
import { decodeExit, reapChildren, type Exit } from "@upkeep/linux/process/wait";
import { describe, expect, test } from "vitest";

import { tempDirectory } from "../helpers/temp.ts";
import { until } from "../helpers/until.ts";

const O_PATH = 0o10000000;

const reaped = new Map<number, Exit>();

async function exitOf(pid: number): Promise<Exit> {
  return until(`exit of ${pid}`, () => {
    for (const { pid: dead, status } of reapChildren()) reaped.set(dead, decodeExit(status));
    return reaped.get(pid);
  });
}

function shell(script: string, options: Partial<SpawnRequest> = {}): number {
  const result = spawn({
    path: "/bin/sh",
    argv: ["sh", "-c", script],
    environment: inheritedEnvironment(),
    newSession: true,
    ...options,
  });
  if (!result.ok) throw new Error(`no process: ${result.errno}`);
  return result.pid;
}

/** What a script prints, run with its output in a file. */
async function outputOf(script: string, options: Partial<SpawnRequest> = {}): Promise<string> {
  using temp = tempDirectory();
  const fd = openSync(temp.path("out"), "w");
  const pid = shell(script, { stdio: [0, fd, 2], ...options });
  closeSync(fd);
  await exitOf(pid);
  return readFileSync(temp.path("out"), "utf8");
}

function tryPath(path: string, options: Partial<SpawnRequest> = {}): SpawnResult {
  return spawn({ path, argv: [path], environment: [], newSession: true, ...options });
}

describe("spawn", () => {
  test("the exit code and every signal, real-time ones included, come back", async () => {
    expect(await exitOf(shell("exit 37"))).toEqual({ kind: "exited", code: 37 });
    expect(await exitOf(shell("kill -9 $$"))).toEqual({ kind: "killed", signal: 9, core: false });
    expect(await exitOf(shell("kill -40 $$"))).toEqual({ kind: "killed", signal: 40, core: false });
  });

  test("arguments and the path as bytes need not be UTF-8", async () => {
    using temp = tempDirectory();
    const path = Buffer.concat([Buffer.from(temp.path("odd")), Buffer.from([0xff])]);
    writeFileSync(path, '#!/bin/sh\n[ "$1" = "$(printf "a\\303")" ] && exit 7\n', { mode: 0o755 });
    const argv = ["x", Buffer.from([0x61, 0xc3])];
    const result = spawn({ path, argv, environment: inheritedEnvironment(), newSession: true });
    expect(await exitOf(result.ok ? result.pid : 0)).toEqual({ kind: "exited", code: 7 });
  });

  test("two hundred at a time lose no exit", async () => {
    const pids = Array.from({ length: 200 }, (_, index) => shell(`exit ${index % 256}`));
    for (const [index, pid] of pids.entries()) {
      expect(await exitOf(pid)).toEqual({ kind: "exited", code: index % 256 });
    }
    expect(childPids().filter((pid) => pids.includes(pid))).toEqual([]);
  });

  test("it leads a session and a group of its own, or shares ours", async () => {
    const own = processInfo("self");
    const leader = shell("read x");
    expect(processInfo(leader)).toMatchObject({ group: leader, session: leader, parent: process.pid });
    sendSignal(leader, "SIGKILL");
    const member = shell("exec sleep 60", { newSession: false });
    expect(processInfo(member)).toMatchObject({ group: own?.group, session: own?.session });
    sendSignal(member, "SIGKILL");
    await exitOf(leader);
    await exitOf(member);
  });

  test("it leads a group of our session, or is in one that it does not lead", async () => {
    const leader = shell("exec sleep 60", { newSession: false, group: 0 });
    const session = processInfo("self")?.session;
    expect(processInfo(leader)).toMatchObject({ group: leader, session });
    const member = shell("exec sleep 60", { newSession: false, group: leader });
    expect(processInfo(member)).toMatchObject({ group: leader, session });
    sendSignal(leader, "SIGKILL");
    await exitOf(leader);
    expect(processInfo(member)?.group).toBe(leader);
    expect(sendSignal(-leader, "SIGKILL")).toBe(0);
    await exitOf(member);
  });

  test("no signal is ignored or blocked in it", async () => {
    const status = await outputOf("cat /proc/self/status");
    expect(/SigBlk:\s*(\w+)/.exec(status)?.[1]).toBe("0000000000000000");
    // glibc keeps 32 and 33 for itself and leaves them ignored.
    expect(BigInt(`0x${/SigIgn:\s*(\w+)/.exec(status)?.[1] ?? "f"}`) & ~0x180000000n).toBe(0n);
  });

  test("it sees the three descriptors it was given, and no others of ours", async () => {
    const extra = openSync("/dev/null", "r");
    const pipe = createPipe();
    const listing = await outputOf("ls /proc/self/fd | tr '\\n' ' '");
    const seen = listing.trim().split(" ").map(Number);
    // 3 is ls's own directory; what the test runner lets through is not ours.
    expect(seen).toEqual(expect.arrayContaining([0, 1, 2]));
    for (const fd of [extra, pipe.read, pipe.write].filter((ours) => ours !== 3)) expect(seen).not.toContain(fd);
    for (const fd of [extra, pipe.read, pipe.write]) closeSync(fd);
  });

  test("a null descriptor is closed", async () => {
    using temp = tempDirectory();
    const pid = shell(`echo x || echo closed > ${temp.path("seen")}`, { stdio: [0, null, 2] });
    await exitOf(pid);
    expect(readFileSync(temp.path("seen"), "utf8")).toBe("closed\n");
  });

  test("it starts in the directory given, where its relative path is looked up", async () => {
    using temp = tempDirectory();
    mkdirSync(temp.path("app"));
    writeFileSync(temp.path("app/run"), '#!/bin/sh\npwd > seen\necho "$0 $#" >> seen\n', { mode: 0o755 });
    const directory = openSync(temp.path("app"), O_PATH);
    const result = spawn({ path: "./run", argv: ["./run", "a b"], environment: [], newSession: true, directory });
    if (!result.ok) throw new Error(`no process: ${result.errno}`);
    expect(await exitOf(result.pid)).toEqual({ kind: "exited", code: 0 });
    expect(readFileSync(temp.path("app/seen"), "utf8")).toBe(`${temp.path("app")}\n./run 1\n`);
    closeSync(directory);
  });

  test("the environment is passed on byte for byte", async () => {
    const entry = Buffer.from("ODD=\xff \xfe=x", "latin1");
    const path = Buffer.from(`PATH=${process.env["PATH"] ?? ""}`);
    expect(await outputOf("env | grep -a ^ODD | od -An -tx1", { environment: [entry, path] })).toBe(
      " 4f 44 44 3d ff 20 fe 3d 78 0a\n",
    );
  });

  test("errors of exec are ours at once, and no shell steps in", () => {
    using temp = tempDirectory();
    mkdirSync(temp.path("directory"));
    writeFileSync(temp.path("plain"), "echo oops\n", { mode: 0o755 });
    writeFileSync(temp.path("forbidden"), "#!/bin/sh\n", { mode: 0o644 });
    writeFileSync(temp.path("crlf"), "#!/bin/sh\r\nexit 0\r\n");
    chmodSync(temp.path("crlf"), 0o755);
    expect(tryPath(temp.path("missing"))).toEqual({ ok: false, errno: errno.ENOENT });
    expect(tryPath(temp.path("directory"))).toEqual({ ok: false, errno: errno.EACCES });
    expect(tryPath(temp.path("plain"))).toEqual({ ok: false, errno: errno.ENOEXEC });
    expect(tryPath(temp.path("forbidden"))).toEqual({ ok: false, errno: errno.EACCES });
    expect(tryPath(temp.path("crlf"))).toEqual({ ok: false, errno: errno.ENOENT });
    expect(tryPath("/bin/true", { directory: 999 })).toEqual({ ok: false, errno: errno.EBADF });
    expect(tryPath("no-such-command", { searchPath: true })).toEqual({ ok: false, errno: errno.ENOENT });
  });

  test("a name without a slash is looked up in PATH when that is asked for", async () => {
    const result = tryPath("true", { searchPath: true });
    if (!result.ok) throw new Error(`no process: ${result.errno}`);
    expect(await exitOf(result.pid)).toEqual({ kind: "exited", code: 0 });
  });
});

describe("signals and processes", () => {
  test("a signal reaches a process and a group, and a missing one is ESRCH", async () => {
    const pid = shell("exec sleep 60");
    expect(sendSignal(pid, 0)).toBe(0);
    expect(sendSignal(-pid, "SIGTERM")).toBe(0);
    expect(await exitOf(pid)).toEqual({ kind: "killed", signal: 15, core: false });
    await until("the group is gone", () => sendSignal(-pid, 0) === errno.ESRCH);
    expect(sendSignal(2 ** 22 + 1, "SIGTERM")).toBe(errno.ESRCH);
  });

  test("a subreaper adopts an orphan and learns its exit", async () => {
    setSubreaper(true);
    try {
      const pipe = createPipe();
      const orphan = Number(await outputOf("(read line; exit 9) <&3 & echo $!", { descriptors: { 3: pipe.read } }));
      expect(childPids()).toContain(orphan);
      closeSync(pipe.write);
      expect(await exitOf(orphan)).toEqual({ kind: "exited", code: 9 });
      closeSync(pipe.read);
    } finally {
      setSubreaper(false);
    }
  });

  test.each([
    ["EAGAIN", false],
    ["ENOMEM", false],
    ["EMFILE", false],
    ["ENFILE", false],
    ["ETXTBSY", false],
    ["EIO", false],
    ["ESTALE", false],
    ["EACCES", true],
    ["ENOEXEC", true],
  ] as const)("a failure by %s is for good: %s", (name, expected) => {
    expect(isLastingFailure(errno[name], true)).toBe(expected);
  });

  test("a failure by ENOENT is for good where it is the interpreter that is missing", () => {
    expect(isLastingFailure(errno.ENOENT, true)).toBe(true);
    expect(isLastingFailure(errno.ENOENT, false)).toBe(false);
  });

  test("the process gets its name", () => {
    const before = readFileSync("/proc/self/comm", "utf8").trim();
    setProcessName("runsv");
    expect(readFileSync("/proc/self/comm", "utf8")).toBe("runsv\n");
    setProcessName(before);
  });

  test("a process's name may hold blanks and brackets", () => {
    const fields = "S 12 34 56 34817 34 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 0";
    expect(parseProcessInfo(`99 (a) b (c)) ${fields}`)).toEqual({
      state: "S",
      parent: 12,
      group: 34,
      session: 56,
      terminalGroup: 34,
      threads: 1,
      startTicks: 987654,
    });
    expect(parseProcessInfo("99 (cut) S 1")).toBeNull();
    expect(processInfo(2 ** 22 + 1)).toBeNull();
  });
});
