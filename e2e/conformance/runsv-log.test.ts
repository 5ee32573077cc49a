import { mkdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { signalProcess } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { allSuites, hasCommand, ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needsSvlogd = allSuites.some((suite) => hasCommand(suite, "svlogd"))
  ? undefined
  : "svlogd: apt-get install runit";

line("RUNSV-44", "takes a link to a directory as log, and makes supervise inside its target", {
  test: async (rig) => {
    const web = rig.service("web", { log: {} });
    renameSync(web.log.path, rig.path("logger"));
    symlinkSync("../../logger", web.log.path);
    await rig.runsv(web);
    await web.run.writeLine("hello");
    await rig.until("the line in the log", () => web.logged() === "hello\n");
    expect((await web.log.run.started()).cwd).toBe(rig.path("logger"));
    const status = readFileSync(rig.path("logger/supervise/status"));
    expect(status).toHaveLength(20);
  },
});

line("RUNSV-45", "says that a log is not a directory, and runs the service without", {
  test: async (rig) => {
    const web = rig.service("web", { files: { log: "" } });
    const runsv = await rig.runsv(web);
    const { fds } = await web.run.started();
    expect(fds["1"]).toBe(join(rig.root, ".rig/command-0.out"));
    await web.run.writeLine("hello");
    expect(runsv.stdout()).toBe("hello\n");
    expect(runsv.stderr()).toBe("runsv web: warning: ./log: not a directory.\n");
  },
});

line("RUNSV-46", "says again and again that log/run does not exist, and runs the service", {
  test: async (rig) => {
    const web = rig.service("web", { log: { run: "absent" } });
    const runsv = await rig.runsv(web);
    const run = await web.run.started();
    const message = "runsv web: fatal: unable to start log/./run: file does not exist\n";
    await rig.until("three messages", () => runsv.stderr().startsWith(message.repeat(3)));
    expect(web.run.starts()).toEqual([run]);
    expect(run.fds["1"]).toMatch(/^pipe:/);
    await web.stat("run");
  },
});

line("RUNSV-47", "connects run's output, and not its errors, with the logger's input", {
  test: async (rig) => {
    const web = rig.service("web", { log: {} });
    const runsv = await rig.runsv(web);
    const run = await web.run.started();
    const logger = await web.log.run.started();
    expect(run.fds["1"]).toMatch(/^pipe:/);
    expect(logger.fds["0"]).toBe(run.fds["1"]);
    expect([logger.fds["1"], logger.fds["2"], run.fds["2"]]).toEqual([
      `${outputOf(rig)}.out`,
      `${outputOf(rig)}.err`,
      `${outputOf(rig)}.err`,
    ]);
    await web.run.writeLine("to the log");
    await web.run.tell("complain not to the log");
    await rig.until("the line in the log", () => web.logged() === "to the log\n");
    expect([runsv.stdout(), runsv.stderr()]).toEqual(["", "not to the log\n"]);
  },
});

line("RUNSV-47", "loses none of 300 lines when svlogd is terminated midway", {
  needs: needsSvlogd,
  test: async (rig) => {
    const web = rig.service("web", { log: { run: { text: "#!/bin/sh\nexec svlogd ./main\n" } } });
    mkdirSync(join(web.log.path, "main"));
    const logged = (): string => rig.read(join(web.log.path, "main/current"));
    await rig.runsv(web);
    const first = await rig.until("the logger's pid", () => web.log.supervise.pid());
    // At TERM svlogd must have nothing to do: stock svlogd loses a line that comes at the same moment.
    await web.run.tell("lines abc 150");
    await rig.until("150 lines in the log", () => logged() === numbered("abc", 150));
    web.log.supervise.control("t");
    await rig.until("svlogd to end", () => web.log.supervise.pid() !== first);
    await web.run.tell("lines def 150");
    await rig.until("another 150 lines in the log", () => logged().length >= 300 * 8);
    expect(logged()).toBe(numbered("abc", 150) + numbered("def", 150));
  },
});

line("RUNSV-47", "loses no line when the logger has been killed just before x", {
  test: async (rig) => {
    const web = rig.service("web", { log: {} });
    const runsv = await rig.runsv(web);
    // Killed within a second of its start, it is not started again at once.
    await web.log.run.started();
    await web.run.tell("lines abc 10");
    await rig.until("10 lines in the log", () => web.logged() === numbered("abc", 10));
    await web.log.run.die("KILL");
    await web.run.tell("lines def 10");
    web.supervise.control("x");
    expect((await rig.result(runsv)).code).toBe(0);
    expect(web.logged()).toBe(numbered("abc", 10) + numbered("def", 10));
  },
});

line("RUNSV-47", "loses none of 300 lines when the logger is terminated while they are written", {
  test: async (rig) => {
    const web = rig.service("web", { log: {} });
    await rig.runsv(web);
    await web.log.run.started();
    const written = web.run.tell("lines abc 300 0.002");
    await rig.until("50 lines in the log", () => web.logged().length > 50 * 8);
    web.log.supervise.control("t");
    await written;
    await web.log.run.started(2);
    await rig.until("300 lines in the log", () => web.logged().length >= 300 * 8);
    expect(web.logged()).toBe(numbered("abc", 300));
  },
});

line("RUNSV-48", "never runs log/finish", {
  test: async (rig) => {
    const web = rig.service("web", { log: { finish: ["exit 0"] } });
    const runsv = await rig.runsv(web);
    await web.log.run.started();
    web.log.supervise.control("t");
    await web.log.run.started(2);
    web.supervise.control("x");
    expect((await rig.result(runsv)).code).toBe(0);
    expect(web.log.finish.starts()).toHaveLength(0);
  },
});

line("RUNSV-48", "does not start the logger when there is a log/down, until told", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap USR1 USR2"], log: { down: true } });
    await rig.runsv(web);
    await web.run.started();
    await web.logStat("down");
    for (const [letter, signal] of [
      ["1", "USR1"],
      ["2", "USR2"],
    ] as const) {
      web.supervise.control(letter);
      await web.run.signalled(signal);
    }
    expect(web.log.run.starts()).toHaveLength(0);
    expect(web.log.supervise.status()).toMatchObject({ state: "down", want: "d", pid: 0 });
    await web.run.writeLine("kept in the pipe");
    web.log.supervise.control("u");
    await rig.until("the line in the log", () => web.logged() === "kept in the pipe\n");
  },
});

line("RUNSV-49", "ignores x for the logger, and obeys d and u", {
  test: async (rig) => {
    const web = rig.service("web", { log: { run: ["trap HUP TERM CONT"] } });
    const runsv = await rig.runsv(web);
    await web.log.run.started();
    await web.logStat("run");
    web.log.supervise.control("xh");
    await web.log.run.signalled("HUP");
    expect(web.log.run.signals()).toEqual(["HUP"]);
    expect(web.log.supervise.stat()).toBe("run");
    web.log.supervise.control("d");
    await web.log.run.toldToStop();
    expect(web.log.run.signals()).toHaveLength(3);
    await web.logStat("run, got TERM, want down");
    await web.log.run.exit(0);
    await web.logStat("down");
    web.log.supervise.control("u");
    await web.log.run.started(2);
    await web.logStat("run");
    expect(runsv.ending).toBeUndefined();
  },
});

line("RUNSV-50", "on x stops the service, then ends the logger's input, and exits 0 after the logger", {
  test: async (rig) => {
    const { web, runsv } = await exitUpToLogger(rig);
    await web.logStat("run, want exit");
    expect(web.log.supervise.status()).toMatchObject({ state: "run", want: "d", gotTerm: false });
    expect(web.supervise.stat()).toBe("down");
    expect(web.log.run.signals()).toEqual([]);
    await web.log.run.tell("note still there");
    expect(runsv.ending).toBeUndefined();
    await web.log.run.exit(0);
    expect((await rig.result(runsv)).code).toBe(0);
    expect(web.log.supervise.stat()).toBe("down");
    expect([web.supervise.isSupervised(), web.log.supervise.isSupervised()]).toEqual([false, false]);
  },
});

line("RUNSV-57", "u takes back an x before the service is down", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["trap TERM USR1"], log: {} });
    const runsv = await rig.runsv(web);
    await web.run.started();
    web.supervise.control("x");
    await web.stat("run, got TERM, want exit");
    web.supervise.control("u1");
    await web.run.signalled("USR1");
    await web.stat("run, got TERM");
    await web.run.exit(0);
    await web.run.started(2);
    await web.run.writeLine("the log is still connected");
    await rig.until("the line in the log", () => web.logged() === "the log is still connected\n");
    expect(runsv.ending).toBeUndefined();
  },
});

line("RUNSV-57", "u behind an x that has ended the logger's input leaves runsv unable to start the service", {
  stock: async (rig) => {
    const { web, runsv } = await exitUpToLogger(rig);
    web.supervise.control("u");
    const message = "runsv web: fatal: unable to setup filedescriptor for ./run: file descriptor not open\n";
    await rig.until("two messages", () => runsv.stderr().startsWith(message.repeat(2)));
    expect(web.run.starts()).toHaveLength(1);
  },
  ours: async (rig) => {
    const { web, runsv } = await exitUpToLogger(rig);
    web.supervise.control("u");
    web.log.supervise.control("h");
    await web.log.run.signalled("HUP");
    expect(web.supervise.stat()).toBe("down");
    await web.log.run.exit(0);
    expect(await rig.result(runsv)).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(web.run.starts()).toHaveLength(1);
  },
  instead: "u behind an x that has ended the logger's input does nothing: runsv exits 0 after the logger",
  because: "a service without its log pipe cannot be started, so the exit cannot be taken back",
});

line("RUNSV-58", "waits for a log/supervise/lock that is held, and starts when it is released", {
  stock: async (rig) => {
    const { web, runsv, release } = await startBehindHeldLock(rig);
    await rig.until("runsv to wait for a lock", () =>
      new RegExp(`-> FLOCK.* ${runsv.pid} `).test(rig.read("/proc/locks")),
    );
    expect(web.supervise.isSupervised()).toBe(false);
    release();
    await web.run.started();
    expect(runsv.stderr()).toBe("");
  },
  ours: async (rig) => {
    const { web, runsv, release } = await startBehindHeldLock(rig);
    const warning = "runsv web: warning: unable to lock log/supervise/lock, waiting: temporary failure\n";
    await rig.until("the warning", () => runsv.stderr() === warning);
    expect(web.run.starts()).toHaveLength(0);
    release();
    await web.run.started();
    await web.log.run.started();
    expect(runsv.stderr()).toBe(warning);
  },
  instead: "says that log/supervise/lock is held, waits, and starts when it is released",
  because: "a runsv that hangs without a word at its start cannot be understood",
});

line("RUNSV-58", "ends on TERM while it waits for log/supervise/lock", {
  // The reference stays in the call.
  suites: ourSuites,
  test: async (rig) => {
    const { web, runsv } = await startBehindHeldLock(rig);
    await rig.until("the warning", () => runsv.stderr().includes("waiting"));
    runsv.kill("SIGTERM");
    await rig.result(runsv);
    expect(web.run.starts()).toHaveLength(0);
    expect(runsv.stderr()).toMatch(/^[^\n]* waiting: temporary failure\n$/);
  },
});

/** Sends x to a service whose logger stays at the end of its input, and waits until the logger sees that end. */
async function exitUpToLogger(
  rig: TestRig,
): Promise<{ readonly web: ScriptedService; readonly runsv: RunningCommand }> {
  const logger = ["on-end", "trap TERM CONT HUP INT", `log ${rig.path("copy")}`];
  const web = rig.service("web", { log: { run: logger } });
  const runsv = await rig.runsv(web);
  await web.run.writeLine("the last line");
  web.supervise.control("x");
  await rig.until("the logger's end of input", () =>
    web.log.run.events().some((event) => event.event === "end-of-input"),
  );
  expect(rig.read(rig.path("copy"))).toBe("the last line\n");
  return { web, runsv };
}

async function startBehindHeldLock(
  rig: TestRig,
): Promise<{ readonly web: ScriptedService; readonly runsv: RunningCommand; readonly release: () => void }> {
  const web = rig.service("web", { log: {} });
  mkdirSync(web.log.supervise.path);
  const lock = join(web.log.supervise.path, "lock");
  const held = rig.path("held");
  const hold = 'open F, ">>", $ARGV[0]; flock F, 2 or die; open H, ">", $ARGV[1]; close H; sleep 1 while 1';
  const holder = rig.start("perl", ["-e", hold, lock, held]);
  await rig.until("the lock to be held", () => rig.exists(held));
  const runsv = rig.start("runsv", ["web"]);
  return {
    web,
    runsv,
    release: () => {
      signalProcess(holder.pid, "SIGKILL");
    },
  };
}

/** What `lines PREFIX COUNT` writes. */
function numbered(prefix: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index + 1).padStart(4, "0")}\n`).join("");
}

/** The file with the output of the rig's first command. */
function outputOf(rig: TestRig): string {
  return join(rig.root, ".rig/command-0");
}
