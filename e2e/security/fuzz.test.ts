/*
 * Anything in the place of every file that we read: no command waits for it, holds much memory, follows it, or prints
 * what it says. The tables of the documents say which files there are, so that none can be forgotten.
 */
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { execaSync } from "execa";
import { expect, test } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { measured, type Measured } from "../rig/process/measured.ts";
import { isErrno } from "../rig/process/processes.ts";
import { root } from "../rig/process/under.ts";
import { startRunsvdir, runsvOf } from "../rig/runit/runsvdir.ts";
import { now, ScriptedSupervisor } from "../rig/scripted/supervisor.ts";

/** Makes each thing at a path. `secret` is a file of root's. */
const things: Readonly<Record<string, (path: string, secret: string) => void>> = {
  "a link to /dev/zero": (path) => symlinkSync("/dev/zero", path),
  "a link to a file of root's": (path, secret) => symlinkSync(secret, path),
  "a dangling link": (path) => symlinkSync("nowhere/at/all", path),
  "a link to itself": (path) => symlinkSync(path, path),
  "a FIFO": (path) => execaSync("env", ["mkfifo", path]),
  "a device": (path) => execaSync("env", ["mknod", path, "c", "1", "5"]),
  "a directory": (path) => mkdirSync(join(path, "full"), { recursive: true }),
  "a socket": (path) =>
    execaSync("env", [
      "perl",
      "-MIO::Socket::UNIX",
      "-e",
      "IO::Socket::UNIX->new(Local => shift, Listen => 1) or die",
      path,
    ]),
  "a sparse file of 4 GB": (path) => {
    writeFileSync(path, "");
    truncateSync(path, 2 ** 32);
  },
  "30 MB of [": (path, secret) => linkSync(join(dirname(secret), "brackets"), path),
  "bytes of all kinds": (path) => writeFileSync(path, hostileText),
};

const hostileText = Buffer.from(`\x1b]0;title\x07\x1b[2J\nok: forged\n\0\xff\xfe${"\x9b31m".repeat(40)}`, "latin1");

/** The names in the first column of the table of a document that begins with `file`. */
function filesIn(document: string): readonly string[] {
  const text = readFileSync(join(repositoryRoot, "docs", document), "utf8");
  const [, rows = ""] = /^\| file[^\n]*\n\|[- |]*\n((?:\|[^\n]*\n)+)/m.exec(text) ?? [];
  return [...rows.matchAll(/^\| `([^`]+)`/gm)].map(([, name = ""]) => name.replace(/\/$/, ""));
}

const ofService = [...new Set(filesIn("service-directory.md"))].filter((name) => name !== "log");
const replaced = ["pid", "stat", "status", "state.json"];
const ofSupervise = [...filesIn("supervise-directory.md"), ...replaced.map((name) => `${name}.new`)];
const ofLog = ["config", ...filesIn("log-directory.md")].map((name) => name.replace("LABEL", `4${"0".repeat(23)}`));
const ofScan = filesIn("scan-directory.md");

test("the tables of the documents name every file that a start reads", () => {
  const source = readFileSync(join(repositoryRoot, "packages/service-directory/src/files/settings.ts"), "utf8");
  const read = [...source.matchAll(/(?:read|hasFlag|isExecutable)\("([\w-]+)"/g)].map(([, name = ""]) => name);
  expect(read.length).toBeGreaterThan(12);
  expect(read.filter((name) => !ofService.includes(name))).toEqual([]);
  expect([ofSupervise.length, ofLog.length, ofScan.length].every((count) => count >= 3)).toBe(true);
});

/** More than idle, in kB and ms: an idle command of ours has less than as much again. */
const mostMemory = 100_000;
const mostProcessor = 2000;

for (const [thing, make] of Object.entries(things)) {
  rigTest(
    `${thing} in the place of a file stops, fills and misleads no command`,
    [standalone],
    async (rig) => {
      const outside = rig.path("outside");
      mkdirSync(outside);
      const secret = join(outside, "secret");
      writeFileSync(secret, "the secret\n", { mode: 0o600 });
      writeFileSync(join(outside, "brackets"), Buffer.alloc(30_000_000, "["));
      const put = (path: string): void => {
        mkdirSync(dirname(path), { recursive: true });
        rmSync(path, { recursive: true, force: true });
        make(path, secret);
      };
      const before = fingerprint(outside);
      const faults = [...(await supervise(rig, put)), ...(await look(rig, put)), ...(await logAndSoOn(rig, put))];
      expect(faults).toEqual([]);
      expect(fingerprint(outside)).toEqual(before);
    },
    { needs: root },
  );
}

/** runsvdir and runsv: one service for all settings, one for each file that decides whether there is a service at all. */
async function supervise(rig: TestRig, put: (path: string) => void): Promise<readonly string[]> {
  const control = rig.service("control", { run: ["exit-on TERM"] });
  const settings = rig.service("settings", {});
  for (const file of ofService) if (file !== "run") put(settings.file(file.replace("control/X", "control/u")));
  rig.service("logged", { log: {} });
  for (const file of ofService) if (file !== "run") put(rig.path("service/logged/log", file.replace("/X", "/u")));
  put(rig.service("no-run", { run: "absent" }).file("run"));
  const state = rig.service("state", {});
  for (const file of ofSupervise) if (!["lock", "control", "ok"].includes(file)) put(state.file("supervise", file));
  for (const file of ["lock", "control", "ok"]) put(rig.service(`with-${file}`, {}).file("supervise", file));
  put(rig.path("service/supervise-itself/supervise"));
  put(rig.path("service/entry"));
  const runsvdir = startRunsvdir(rig);
  await control.stat("run");
  // Everybody else has had as much time as the control, and one that works takes commands.
  const runsv = await rig.until("every runsv", () => {
    const found = runsvOf(runsvdir.pid);
    return found.length >= 4 && found.some(({ name }) => name === "control") ? found : undefined;
  });
  const usual = costOf(runsv.find(({ name }) => name === "control")?.pid ?? 0);
  const faults = [...runsv, { pid: runsvdir.pid, name: "runsvdir" }].flatMap(({ pid, name }) => {
    const { memory, processor } = costOf(pid);
    const isFat = memory > usual.memory + mostMemory;
    const isSlow = processor > usual.processor + mostProcessor;
    return isFat || isSlow ? [`${name} holds ${memory} kB and took ${processor} ms`] : [];
  });
  runsvdir.kill("SIGHUP");
  await rig.result(runsvdir);
  return [...faults, ...strangeLines(runsvdir.stderr())];
}

/** sv on services whose files somebody else has made, and which a supervisor seems to have. */
async function look(rig: TestRig, put: (path: string) => void): Promise<readonly string[]> {
  using supervisors = new DisposableStack();
  const services = ofSupervise.map((file) => rig.path("seen", file));
  for (const path of services) {
    mkdirSync(path, { recursive: true });
    supervisors.use(new ScriptedSupervisor(path, { state: "run", at: now(), pid: 1, more: {} }));
  }
  for (const file of ofSupervise) put(rig.path("seen", file, "supervise", file));
  for (const file of ofService) put(rig.path("seen", "status", file.replace("/X", "/t")));
  const wait = { env: { SVWAIT: "1" } };
  const calls: readonly (readonly string[])[] = [
    ["status"],
    ["status", "--json"],
    ["list"],
    ["health"],
    ["check"],
    ["wait", "-t", "1", "ready"],
    ["up"],
    ["start"],
  ];
  const faults: string[] = [];
  for (const words of calls) {
    const answer = await measured(rig, "sv", [...words, ...services], wait);
    faults.push(...faultsOf(`sv ${words.join(" ")}`, answer, services.length));
  }
  return faults;
}

/** The other commands, each with one file at a time. */
async function logAndSoOn(rig: TestRig, put: (path: string) => void): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const file of ofLog) {
    put(rig.path("log", file, file));
    faults.push(...(await startDaemon(rig, "svlogd", rig.path("log", file))));
  }
  for (const file of ofScan) {
    put(rig.path("scan", file, ".runsvdir", file));
    faults.push(...(await startDaemon(rig, "runsvdir", rig.path("scan", file))));
  }
  put(rig.path("devlog"));
  faults.push(...(await startDaemon(rig, "devlog", rig.path("devlog"))));
  put(rig.path("env/NAME"));
  const answer = await measured(rig, "chpst", ["-e", rig.path("env"), "true"]);
  return [...faults, ...faultsOf("chpst -e", answer)];
}

/** Starts a daemon that ends or goes on, as it likes, and returns what is wrong with it once it is ready or has ended. */
async function startDaemon(rig: TestRig, command: string, operand: string): Promise<readonly string[]> {
  const daemon = rig.start(command, [operand]);
  const cost = await rig.until(`${command} ${operand} to be there`, () => {
    const found = costOf(daemon.pid);
    return daemon.ending !== undefined || found.isCatching || daemon.stderr() !== "" ? found : undefined;
  });
  daemon.kill("SIGKILL");
  await rig.result(daemon);
  return [
    ...(cost.memory > 2 * mostMemory ? [`${command} ${operand} holds ${cost.memory} kB`] : []),
    ...strangeLines(daemon.stderr()),
  ];
}

/** What is wrong with the end of a command. */
function faultsOf(what: string, { memory, processor, stdout, stderr }: Measured, most = 1): readonly string[] {
  const lines = stderr.split("\n").length - 1;
  return [
    ...(memory > 2 * mostMemory ? [`${what} held ${memory} kB`] : []),
    ...(processor > 2 * mostProcessor ? [`${what} took ${processor} ms`] : []),
    ...(lines > most ? [`${what}: ${lines} lines: ${stderr}`] : []),
    ...(/[^\P{Cc}\n]/u.test(stdout) ? [`${what} prints ${JSON.stringify(stdout)}`] : []),
    ...strangeLines(stderr),
  ];
}

/** Lines that are no message of a program of ours in the form of the field. */
function strangeLines(stderr: string): readonly string[] {
  const message = /^[a-z_]+(?: [^:]+)?: (?:fatal|warning|info|error|pausing): \P{Cc}{1,400}$/u;
  return stderr.split("\n").filter((line) => line !== "" && !message.test(line));
}

/** What a living process has cost: the most memory in kB, time of the processor in ms, and whether it handles TERM yet. */
function costOf(pid: number): { readonly memory: number; readonly processor: number; readonly isCatching: boolean } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [user = "", system = ""] = stat
      .slice(stat.lastIndexOf(") ") + 2)
      .split(" ")
      .slice(11, 13);
    const caught = BigInt(`0x${/^SigCgt:\s*(\S+)/m.exec(status)?.[1] ?? "0"}`);
    return {
      memory: Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1]),
      processor: (Number(user) + Number(system)) * 10,
      isCatching: (caught & (1n << 14n)) !== 0n,
    };
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ESRCH")) return { memory: 0, processor: 0, isCatching: false };
    throw error;
  }
}

/** What would show a change of the directory or of a file in it. */
function fingerprint(directory: string): readonly string[] {
  return ["", "secret", "brackets"].map((name) => {
    const { ino, mode, uid, gid, size, mtimeMs } = lstatSync(join(directory, name));
    return [name, ino, mode, uid, gid, size, mtimeMs].join(" ");
  });
}
