/* Read-only service directories: their state is kept elsewhere. */
import { chmodSync, lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { privateMounts, program, withMounts } from "../rig/core/needs.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { allSuites, ourSuites, stock } from "../rig/core/suites.ts";
import { SuperviseDirectory } from "../rig/runit/supervise.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { nobody, root, user } from "../rig/process/under.ts";

const needs = privateMounts;
/** Mounts that make all services read-only for runsvdir, with a /run of its own. */
const allReadOnly = ["-t tmpfs none /run", "--bind . .", "-o remount,bind,ro ."] as const;
/** The same for runsv, whose working directory is the directory of services; it has the service "web". */
const webReadOnly = ["-t tmpfs none /run", "--bind web web", "-o remount,bind,ro web"] as const;
/** The same, without any place to which state could be written. */
const nowhere = ["-t tmpfs -o ro none /run", "--bind web web", "-o remount,bind,ro web"] as const;
/** The advice of runsv. */
const advice = "; mount a tmpfs on /run, or set UPKEEP_RUNDIR to a directory that can be written to";
/** Has the first mkfifo(3) of runsv fail, as on a file system without FIFOs; the ones after it are for another place. */
const withoutFifos = (rig: TestRig, error: string): readonly string[] => {
  const inject = ["-e", "trace=mknodat,mknod", "-e", `inject=mknodat,mknod:error=${error}:when=1`];
  return ["strace", "-D", "-o", rig.path("trace"), ...inject];
};

/** A user whom the system does not know. */
const stranger = 4711;

/** The place of a directory's state below `$UPKEEP_RUNDIR` or a similar directory. */
function stateIn(place: string, directory: string): SuperviseDirectory {
  return new SuperviseDirectory(`${place}/${encodeURIComponent(directory)}/supervise`);
}

/** Prefix that runs a command with the mounts of another. */
function beside({ pid }: RunningCommand): readonly string[] {
  return ["nsenter", "--mount", "--target", `${pid}`, "--"];
}

rigTest(
  "keeps the state of read-only services and of their logs in UPKEEP_RUNDIR, where sv finds it",
  ourSuites,
  async (rig) => {
    const env = { UPKEEP_RUNDIR: rig.path("state") };
    const web = rig.service("web", { run: ["trap HUP"], log: { run: ["exit-on TERM"] } });
    const runsvdir = startRunsvdir(rig, { cwd: rig.services, env, under: withMounts(...allReadOnly) });
    const { pid } = await web.run.started();
    const log = await web.log.run.started();
    const [state, logState] = [stateIn(rig.path("state"), web.path), stateIn(rig.path("state"), web.file("log"))];
    await rig.until("both pids", () => state.isSupervised() && state.pid() === pid && logState.pid() === log.pid);
    expect(lstatSync(state.path).mode & 0o777).toBe(0o700);
    expect(rig.exists(web.supervise.path)).toBe(false);

    // From outside, the directory is writable, and that changes nothing.
    const status = await sv(rig, ["status", "web"], { env });
    expect(status).toMatchObject(answer(`run: web: (pid ${pid}) Ns; run: log: (pid ${log.pid}) Ns\n`));
    expect(await sv(rig, ["hup", "web"], { env })).toMatchObject({ code: 0 });
    await web.run.signalled("HUP");
    expect((await sv(rig, ["restart", "web"], { env })).code).toBe(0);
    const again = await web.run.started(2);
    expect((await sv(rig, ["status", "web/log"], { env })).stdout).toBe(`run: web/log: (pid ${log.pid}) Ns\n`);

    const { web: runsv = 0 } = await runsvToBe(rig, runsvdir.pid, "web");
    signalProcess(runsv, "SIGKILL");
    await rig.until("another runsv", async () => {
      const found = await runsvToBe(rig, runsvdir.pid, "web");
      return found["web"] !== runsv && state.isSupervised();
    });
    expect((await sv(rig, ["force-stop", "web"], { env })).stdout).toMatch(/^ok: down: web: /);
    expect(again.pid).toBeGreaterThan(0);
    expect(runsvdir.stderr()).toBe("");
  },
  { needs },
);

for (const error of ["EPERM", "EOPNOTSUPP", "ENOSYS"]) {
  rigTest(
    `keeps the state of a service whose file system has no FIFOs (${error}) in UPKEEP_RUNDIR`,
    ourSuites,
    async (rig) => {
      const env = { UPKEEP_RUNDIR: rig.path("state") };
      const web = rig.service("web");
      const runsv = rig.start("runsv", ["web"], { cwd: rig.services, env, under: withoutFifos(rig, error) });
      const { pid } = await web.run.started();
      const state = stateIn(rig.path("state"), web.path);
      await rig.until("its pid", () => state.isSupervised() && state.pid() === pid);
      expect(rig.exists(web.file("supervise/ok"))).toBe(false);
      expect(await sv(rig, ["status", "web"], { env })).toMatchObject(answer(`run: web: (pid ${pid}) Ns\n`));
      expect((await sv(rig, ["exit", "web"], { env })).code).toBe(0);
      expect(await rig.result(runsv)).toMatchObject({ code: 0, stderr: "" });
    },
    { needs: program("strace", "strace") },
  );
}

rigTest(
  "keeps it in /run/upkeep where nothing else is said, and a second runsvdir is refused",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", {});
    const runsvdir = startRunsvdir(rig, { cwd: rig.services, under: withMounts(...allReadOnly) });
    const { pid } = await web.run.started();
    const under = beside(runsvdir);
    await rig.until("the status", async () => (await sv(rig, ["status", "web"], { under })).stdout.includes(`${pid}`));
    expect((await sv(rig, ["stop", "web"], { under })).stdout).toBe("ok: down: web: Ns, normally up\n");
    expect(rig.exists(`/proc/${runsvdir.pid}/root/run/upkeep/${encodeURIComponent(rig.services)}/.runsvdir`)).toBe(
      true,
    );
    const second = await rig.run("runsvdir", [rig.services], { under });
    expect(second).toMatchObject({
      code: 100,
      stderr: `runsvdir ${rig.services}: fatal: unable to take scan directory: already taken by another runsvdir (pid ${runsvdir.pid})\n`,
    });
    expect(runsvdir.stderr()).toBe("");
  },
  { needs },
);

rigTest(
  "kills a read-only service that ignores TERM when an orderly stop takes too long",
  ourSuites,
  async (rig) => {
    const env = { UPKEEP_RUNDIR: rig.path("state") };
    const web = rig.service("web", { run: ["ignore TERM"] });
    const words = ["--orderly", "--stop-timeout", "1"];
    const runsvdir = startRunsvdir(rig, { cwd: rig.services, env, words, under: withMounts(...allReadOnly) });
    const { pid } = await web.run.started();
    runsvdir.kill("SIGTERM");
    const { code, stderr } = await rig.result(runsvdir);
    expect(code).toBe(0);
    expect(stderr).toContain("unable to stop web in time, sending kill");
    // On a loaded machine runsv may not get that far in time, and is killed itself.
    if (!stderr.includes("unable to stop web, killing runsv")) expect(isAlive(pid)).toBe(false);
  },
  { needs },
);

rigTest(
  "starts a read-only service when the one that it depends on is ready",
  ourSuites,
  async (rig) => {
    const env = { UPKEEP_RUNDIR: rig.path("state") };
    const db = rig.service("db", { files: { down: "" } });
    const web = rig.service("web", { files: { "dependencies.d/db": "" } });
    const runsvdir = startRunsvdir(rig, { cwd: rig.services, env, under: withMounts(...allReadOnly) });
    const state = stateIn(rig.path("state"), web.path);
    await rig.until("db to be supervised", () => stateIn(rig.path("state"), db.path).isSupervised());
    await rig.until("web to wait", () => rig.read(`${state.path}/state.json`).includes('"waitingFor":["db"]'));
    await rig.until("the warning", () => runsvdir.stderr() !== "");
    expect((await sv(rig, ["start", "db"], { env })).stdout).toMatch(/^ok: run: db: /);
    await db.run.started();
    await web.run.started();
    expect(runsvdir.stderr()).toBe("runsv web: warning: waiting for db: db is down\n");
  },
  { needs },
);

rigTest(
  "keeps it in a directory of TMPDIR for a user who may write nowhere else, whom nobody need know",
  ourSuites,
  async (rig) => {
    const TMPDIR = rig.path("tmp");
    mkdirSync(TMPDIR);
    chmodSync(TMPDIR, 0o1777);
    const web = rig.service("web", { log: { run: ["exit-on TERM"] } });
    const as = { under: user(stranger, nobody), env: { TMPDIR } };
    const runsvdir = startRunsvdir(rig, as);
    const { pid, uid } = await web.run.started();
    expect(uid).toBe(stranger);
    const log = await web.log.run.started();
    const status = (): Promise<{ readonly stdout: string }> => sv(rig, ["status", "web"], as);
    const shown = `run: web: (pid ${pid}) Ns; run: log: (pid ${log.pid}) Ns\n`;
    await rig.until("the status", async () => (await status()).stdout === shown);
    expect(lstatSync(rig.path(`tmp/upkeep-${stranger}`))).toMatchObject({ uid: stranger, mode: 0o040700 });
    // For other users there seems to be no supervisor; stock sv says the same.
    const other = await sv(rig, ["status", "web"], { ...as, under: user(nobody, nobody) });
    expect(other.stdout).toBe("warning: web: unable to open supervise/ok: file does not exist\n");
    expect((await sv(rig, ["force-stop", "web"], as)).stdout).toBe("ok: down: web: Ns, normally up\n");
    expect(runsvdir.stderr()).toBe("");
  },
  { needs: root },
);

rigTest(
  "takes no directory in TMPDIR that somebody else has made first",
  ourSuites,
  async (rig) => {
    const TMPDIR = rig.path("tmp");
    mkdirSync(TMPDIR);
    chmodSync(TMPDIR, 0o1777);
    rig.service("web", {});
    const as = { under: user(stranger, nobody), env: { TMPDIR } };
    const stderr = `runsv web: fatal: unable to make ./supervise: access denied${advice}\n`;
    const squatted = rig.path(`tmp/upkeep-${stranger}`);
    for (const how of [`mkdir -m 777 "$0"`, `install -d -o ${nobody} -m 700 "$0"`, `ln -s /var/tmp "$0"`]) {
      expect(await rig.run("sh", ["-c", how, squatted])).toMatchObject({ code: 0 });
      expect(await rig.run("runsv", ["web"], as)).toMatchObject({ code: 111, stderr });
      rmSync(squatted, { recursive: true });
    }
  },
  { needs: root },
);

rigTest(
  "leaves a supervise directory that belongs to somebody else to him",
  allSuites,
  async (rig) => {
    const web = rig.service("web", {});
    mkdirSync(web.supervise.path, { mode: 0o700 });
    const result = await rig.run("runsv", ["web"], { under: user(nobody, nobody), env: { TMPDIR: rig.root } });
    const stderr = "runsv web: fatal: unable to open supervise/lock: access denied\n";
    expect(result).toMatchObject({ code: 111, stderr });
  },
  { needs: root },
);

rigTest(
  "leaves a read-only service to whom supervises it already",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", {});
    await rig.runsv(web);
    const result = await rig.run("runsv", ["web"], { under: withMounts(...webReadOnly) });
    const stderr = "runsv web: fatal: unable to open supervise/lock: read-only file system\n";
    expect(result).toMatchObject({ code: 111, stderr });
  },
  { needs },
);

rigTest(
  "exits 111 when the service is read-only and state can be kept nowhere, and says what would help",
  allSuites,
  async (rig) => {
    const web = rig.service("web");
    const env = { TMPDIR: web.path, UPKEEP_RUNDIR: web.file("state") };
    const run = async (): Promise<unknown> => await rig.run("runsv", ["web"], { under: withMounts(...nowhere), env });
    const fatal = (message: string): object => ({ code: 111, stderr: `runsv web: fatal: ${message}\n` });
    const isOurs = rig.suite.ours;
    const missing = `unable to make ./supervise: read-only file system${advice}`;
    expect(await run()).toMatchObject(fatal(isOurs ? missing : "unable to open supervise/lock: file does not exist"));
    mkdirSync(web.supervise.path);
    const reason = "unable to open supervise/lock: read-only file system";
    expect(await run()).toMatchObject(fatal(isOurs ? `${reason}${advice}` : reason));
  },
  { needs },
);

rigTest(
  "says so of a log service, and tries again once there is a place",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { log: { run: ["exit-on TERM"] } });
    const env = { TMPDIR: web.file("log"), UPKEEP_RUNDIR: rig.path("state") };
    mkdirSync(web.supervise.path);
    const log = [...nowhere.slice(0, 1), "--bind web/log web/log", "-o remount,bind,ro web/log"];
    writeFileSync(env.UPKEEP_RUNDIR, "");
    const refused = await rig.run("runsv", ["web"], { under: withMounts(...log), env });
    const stderr = `runsv web: fatal: unable to make ./log/supervise: read-only file system${advice}\n`;
    expect(refused).toMatchObject({ code: 111, stderr });
    rmSync(env.UPKEEP_RUNDIR);
    const runsvdir = startRunsvdir(rig, { cwd: rig.services, env, under: withMounts(...allReadOnly) });
    await web.log.run.started();
    expect(runsvdir.stderr()).toBe("");
  },
  { needs },
);

rigTest(
  "does not look elsewhere where runit's runsv would not",
  [stock],
  async (rig) => {
    rig.service("web");
    const env = { UPKEEP_RUNDIR: rig.path("state") };
    const result = await rig.run("runsv", ["web"], { under: withMounts(...webReadOnly), env });
    const stderr = "runsv web: fatal: unable to open supervise/lock: file does not exist\n";
    expect(result).toMatchObject({ code: 111, stderr });
  },
  { needs },
);
