import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import type { Start } from "../rig/scripted/journal.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { nobody, root, umask } from "../rig/process/under.ts";

line("RUNSV-01", "prints its usage and exits 1 without an operand, and with two", {
  test: async (rig) => {
    const usage = { code: 1, signal: undefined, stdout: "", stderr: "usage: runsv dir\n\n" };
    expect(await rig.run("runsv")).toEqual(usage);
    expect(await rig.run("runsv", ["one", "two"])).toEqual(usage);
  },
});

line("RUNSV-02", "exits 111 when there is no such directory", {
  test: async (rig) => {
    const { code, stderr } = await rig.run("runsv", ["missing"]);
    expect(stderr).toBe("runsv missing: fatal: unable to change to directory: file does not exist\n");
    expect(code).toBe(111);
  },
});

line("RUNSV-03", "exits 111 when another runsv supervises the directory, which does not notice", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap USR1"] });
    const first = await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    const { code, stderr } = await rig.run("runsv", ["web"]);
    expect(stderr).toBe("runsv web: fatal: unable to lock supervise/lock: temporary failure\n");
    expect(code).toBe(111);
    web.supervise.control("1");
    await web.run.signalled("USR1");
    expect(web.supervise.pid()).toBe(pid);
    expect(first.ending).toBeUndefined();
    expect(first.stderr()).toBe("");
  },
});

const runitsFiles: Readonly<Record<string, string>> = {
  control: "p0600",
  lock: "-0600",
  ok: "p0600",
  pid: "-0644",
  stat: "-0644",
  status: "-0644",
};

line("RUNSV-04", "keeps exactly control, lock, ok, pid, stat and status in supervise/ (0700), with runit's modes", {
  stock: async (rig) => {
    await expectFiles(rig, "022", runitsFiles);
  },
  ours: async (rig) => {
    await expectFiles(rig, "022", { ...runitsFiles, "state.json": "-0644" });
  },
  instead: "keeps state.json (0644) in supervise/ beside runit's six files, which have runit's modes",
  because: "state.json says what 20 bytes cannot; no reader of runit's files looks at other names",
});

line("RUNSV-05", "makes pid, stat and status readable by their owner only under umask 077", {
  stock: async (rig) => {
    await expectFiles(rig, "077", { ...runitsFiles, pid: "-0600", stat: "-0600", status: "-0600" });
  },
  ours: async (rig) => {
    await expectFiles(rig, "077", {
      ...runitsFiles,
      pid: "-0600",
      stat: "-0600",
      status: "-0600",
      "state.json": "-0600",
    });
  },
  instead: "makes pid, stat, status and state.json readable by their owner only under umask 077",
  because: "state.json lies beside runit's six files",
});

line("RUNSV-06", "leaves the mode of control and ok FIFOs that are there already", {
  test: async (rig) => {
    const web = rig.service("web");
    await makeFifos(rig, web);
    await rig.runsv(web);
    await web.run.started();
    expect([mode(web.file("supervise/control")), mode(web.file("supervise/ok"))]).toEqual(["p0622", "p0622"]);
  },
});

line("RUNSV-06", "leaves the owner of control and ok FIFOs that are there already", {
  needs: root,
  test: async (rig) => {
    const web = rig.service("web");
    const fifos = await makeFifos(rig, web);
    for (const fifo of fifos) chownSync(fifo, nobody, nobody);
    await rig.runsv(web);
    await web.run.started();
    expect(fifos.map((fifo) => [statSync(fifo).uid, statSync(fifo).gid])).toEqual([
      [nobody, nobody],
      [nobody, nobody],
    ]);
  },
});

line("RUNSV-07", "says in 20 bytes of status: the pid, want up, run", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await rig.until("the status to be run", () => web.supervise.status().state === "run");
    const bytes = web.supervise.statusBytes();
    expect(bytes).toHaveLength(20);
    expect(bytes.readUInt32LE(12)).toBe(pid);
    expect(bytes.subarray(16).toString("hex")).toBe("00750001");
  },
});

line("RUNSV-08", "stamps the status with the start of run in TAI64N, in steps of a microsecond", {
  test: async (rig) => {
    const web = rig.service("web");
    const before = Math.floor(Date.now() / 1000);
    await rig.runsv(web);
    await web.run.started();
    await web.stat("run");
    await rig.until("the status to be run", () => web.supervise.status().state === "run");
    const bytes = web.supervise.statusBytes();
    const seconds = Number(bytes.readBigUInt64BE(0) - 0x400000000000000an);
    expect(seconds).toBeGreaterThanOrEqual(before);
    expect(seconds).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
    expect(bytes.readUInt32BE(8) % 1000).toBe(500);
    expect(bytes.readUInt32BE(8)).toBeLessThan(1e9);
  },
});

line("RUNSV-09", "writes the pid and a newline while run runs, and nothing when it is down", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await rig.until("the pid", () => rig.read(web.file("supervise/pid")) === `${pid}\n`);
    await web.stat("run");
    web.supervise.control("d");
    await web.stat("down");
    expect(rig.read(web.file("supervise/pid"))).toBe("");
  },
});

line("RUNSV-10", "writes run, down, and what is wanted while it is not what is", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    await web.run.started();
    const stat = web.file("supervise/stat");
    await rig.until("run", () => rig.read(stat) === "run\n");
    web.supervise.control("o");
    await rig.until("run, want down", () => rig.read(stat) === "run, want down\n");
    web.supervise.control("d");
    await rig.until("down", () => rig.read(stat) === "down\n");
  },
});

line(
  "RUNSV-11",
  "starts ./run without arguments in the service directory, with its own environment, group and session",
  {
    stock: async (rig) => {
      const { start, supervisor } = await startWithOddEnvironment(rig);
      expect([start.pgid, start.sid]).toEqual([supervisor, supervisor]);
    },
    ours: async (rig) => {
      const { start } = await startWithOddEnvironment(rig);
      expect([start.pgid, start.sid]).toEqual([start.pid, start.pid]);
    },
    instead: "starts ./run without arguments in the service directory, with its own environment, in a new session",
    because: "a session for each start is what makes its leftovers findable",
  },
);

line("RUNSV-11", "leaves run in its own group and session where the file no-setsid says so", {
  test: async (rig) => {
    const { start, supervisor } = await startWithOddEnvironment(rig, { "no-setsid": "" });
    expect([start.pgid, start.sid]).toEqual([supervisor, supervisor]);
  },
});

line("RUNSV-11", "passes ./run as argv[0]", {
  test: async (rig) => {
    // A link to a program, because a script would not see its argv[0].
    const web = rig.service("web", { run: "absent" });
    await rig.run("ln", ["-s", "/bin/cat", web.file("run")]);
    await rig.run("mkfifo", [rig.path("input")]);
    await rig.runsv(web, { under: ["sh", "-c", 'exec "$@" <> "$INPUT"', "sh"], env: { INPUT: rig.path("input") } });
    const pid = await rig.until("a pid", () => web.supervise.pid());
    await rig.until("./run", () => rig.read(`/proc/${pid}/cmdline`) === "./run\0");
  },
});

line("RUNSV-12", "shows none of its own descriptors to run, finish and the logger", {
  test: async (rig) => {
    const web = rig.service("web", { finish: [], log: {} });
    const given = rig.service("given");
    // What any program inherits that this test process starts.
    rig.start("./run", [], { cwd: given.path });
    const inherited = Object.entries((await given.run.started()).fds).filter(([fd]) => Number(fd) > 2);
    await rig.runsv(web);
    const run = await web.run.started();
    const logger = await web.log.run.started();
    await web.run.exit(0);
    const finish = await web.finish.started();
    for (const { fds } of [run, logger, finish]) {
      expect(inherited).toEqual(expect.arrayContaining(Object.entries(fds).filter(([fd]) => Number(fd) > 2)));
    }
  },
});

line("RUNSV-13", "does not start run when there is a down file, until told", {
  test: async (rig) => {
    const web = rig.service("web", { down: true, log: { run: ["trap HUP"] } });
    await rig.runsv(web);
    await web.stat("down");
    const status = await rig.until("a status", () => web.supervise.status());
    expect([status.state, status.want, status.pid]).toEqual(["down", "d", 0]);
    await web.turn();
    expect(web.run.starts()).toHaveLength(0);
    web.supervise.control("u");
    await web.run.started();
    await web.stat("run");
  },
});

line("RUNSV-14", "does not look at down again once it runs", {
  test: async (rig) => {
    const web = rig.service("web", { log: { run: ["trap HUP"] } });
    await rig.runsv(web);
    await web.run.started();
    writeFileSync(web.file("down"), "");
    await web.run.exit(0);
    await web.run.started(2);
    // In the pause before, it was "down", too.
    await web.stat("run");
    web.supervise.control("d");
    await web.stat("down");
    rmSync(web.file("down"));
    await web.turn();
    expect(web.supervise.stat()).toBe("down");
    expect(web.run.starts()).toHaveLength(2);
  },
});

async function expectFiles(rig: TestRig, mask: string, files: Readonly<Record<string, string>>): Promise<void> {
  const web = rig.service("web");
  await rig.runsv(web, { under: umask(mask) });
  await web.run.started();
  await web.stat("run");
  const wanted = Object.keys(files).toSorted().join(" ");
  const names = await rig.until(wanted, () => {
    const found = readdirSync(web.supervise.path);
    return found.toSorted().join(" ") === wanted && found;
  });
  expect(mode(web.supervise.path)).toBe("d0700");
  const modes = names.map((name) => [name, mode(join(web.supervise.path, name))]);
  expect(Object.fromEntries(modes)).toEqual(files);
}

async function makeFifos(rig: TestRig, service: ScriptedService): Promise<readonly string[]> {
  mkdirSync(service.supervise.path);
  const fifos = ["control", "ok"].map((name) => join(service.supervise.path, name));
  await rig.run("mkfifo", fifos);
  for (const fifo of fifos) chmodSync(fifo, 0o622);
  return fifos;
}

async function startWithOddEnvironment(
  rig: TestRig,
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly start: Start; readonly supervisor: number }> {
  const odd = { EMPTY: "", ODD: "two\nlines = odd", PWD: "/elsewhere" };
  const web = rig.service("web", { files });
  const { pid: supervisor } = await rig.runsv(web, { env: odd });
  const start = await web.run.started();
  expect(start.argv).toEqual(["./run"]);
  expect(start.cwd).toBe(web.path);
  expect(start.env).toEqual({ ...rig.environment, ...odd });
  expect(start.ppid).toBe(supervisor);
  return { start, supervisor };
}

/** Kind and permissions: `p0600`, `-0644`, `d0700`. */
function mode(path: string): string {
  const stat = lstatSync(path);
  const kind = stat.isFIFO() ? "p" : stat.isDirectory() ? "d" : stat.isFile() ? "-" : "?";
  return `${kind}${(stat.mode & 0o7777).toString(8).padStart(4, "0")}`;
}
