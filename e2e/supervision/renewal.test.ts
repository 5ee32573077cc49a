/* `sv renew`: the supervisors execute their programs anew in place, and nothing of a service notices. */
import { readdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { makeOtherVersion, otherVersion, SwitchedBuild, version } from "../rig/core/other-build.ts";
import { scratchDirectory } from "../rig/core/scratch.ts";
import { inline as inlineSuite, ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { childrenOf, commandLine, isAlive } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { runsvOf, startRunsvdir, type RunsvdirOptions } from "../rig/runit/runsvdir.ts";
import { stateToBe } from "../rig/runit/state-json.ts";
import { sv } from "../rig/runit/sv.ts";

const suites = ourSuites.filter((suite) => suite !== inlineSuite);
/** Both ways to hold the engines of services. */
const modes: Readonly<Record<string, RunsvdirOptions>> = {
  "a runsv each": {},
  inline: { words: ["--inline"] },
};

function modeTest(
  title: string,
  run: (rig: TestRig, options: RunsvdirOptions, isInline: boolean) => Promise<void>,
): void {
  for (const [mode, options] of Object.entries(modes)) {
    rigTest(`${title} (${mode})`, suites, async (rig) => await run(rig, options, mode === "inline"));
  }
}

/** Descriptors of a process, as what they lead to; those of the runtime itself come and go. */
function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

async function renew(rig: TestRig, runsvdir: RunningCommand, others: number): Promise<void> {
  const result = await sv(rig, ["renew"]);
  const runsv = others === 0 ? "" : `ok: renewed: ${others} runsv: version ${version}, as before\n`;
  const stdout = `ok: renewed: runsvdir: (pid ${runsvdir.pid}) version ${version}, as before\n${runsv}`;
  expect(result).toMatchObject({ code: 0, stdout, stderr: "" });
}

/** Writes a line with the next number in two parts, again and again. A shell would start a sleep for each. */
const counting = {
  text: '#!/usr/bin/perl\nfor (;;) { $i++; syswrite STDOUT, "li"; syswrite STDOUT, "ne $i\\n"; select undef, undef, undef, 0.03 }\n',
};

function expectNoGap(text: string): void {
  const numbers = [...text.matchAll(/line (\d+)\n/g)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from(numbers, (_, at) => at + 1));
}

modeTest("renewals in a row keep pids, lines and descriptors", async (rig, options, isInline) => {
  const logged = rig.service("logged", { run: counting, log: { run: { text: "#!/bin/sh\nexec cat >lines\n" } } });
  rig.service("prefixed", { run: counting, files: { "log-prefix": "" } });
  const quiet = rig.service("quiet");
  const runsvdir = startRunsvdir(rig, options);
  const { pid } = await quiet.run.started();
  await rig.until(
    "lines of both",
    () => runsvdir.stdout().includes("line 3\n") && rig.exists(logged.file("log/lines")),
  );
  const others = isInline ? 0 : 3;
  await renew(rig, runsvdir, others);
  const [children, open] = [new Set(childrenOf(runsvdir.pid)), descriptors(runsvdir.pid)];
  const supervisors = runsvOf(runsvdir.pid).map((one) => [one.pid, descriptors(one.pid)]);
  // What one of them keeps, the others keep as well.
  for (let round = 1; round < 4; round++) await renew(rig, runsvdir, others);
  expect(new Set(childrenOf(runsvdir.pid))).toEqual(children);
  expect(descriptors(runsvdir.pid)).toBeLessThanOrEqual(open);
  expect(runsvOf(runsvdir.pid).map((one) => [one.pid, descriptors(one.pid)])).toEqual(supervisors);
  expect((await stateToBe(rig, quiet, { state: "run" }))["pid"]).toBe(pid);
  expect(quiet.run.starts()).toHaveLength(1);
  await quiet.run.exit(3);
  await quiet.run.started(2);
  expect(await stateToBe(rig, quiet, { starts: 2 })).toMatchObject({ lastExit: { code: 3, signal: null } });
  const outputs = [
    (): string => runsvdir.stdout().replaceAll("prefixed | ", ""),
    () => rig.read(logged.file("log/lines")),
  ];
  for (const output of outputs) {
    await rig.until("lines after the renewals", () => output().includes("line 20\n"));
    expectNoGap(output());
  }
  expect(runsvdir.stderr()).toBe("");
});

/** A program in the place of a command that does something in Perl first, unless it is asked for its version. */
function actingFirst(rig: TestRig, command: string, action: string): string {
  const target = rig.suite.command(command);
  if (rig.suite.name !== "node") {
    return `#!/usr/bin/perl\nunless ($ARGV[0] eq "--version") { ${action} }\nexec "${target}", @ARGV;\n`;
  }
  const run = `(await import("node:child_process")).execFileSync("/usr/bin/perl", ["-e", ${JSON.stringify(action)}]);`;
  return `#!/usr/bin/env node\nif (process.argv[2] !== "--version") ${run}\nawait import(${JSON.stringify(target)});\n`;
}

modeTest(
  "an end and a command that come while the program is replaced are not lost",
  async (rig, options, isInline) => {
    const web = rig.service("web", { finish: ["exit 0"], log: {} });
    const build = new SwitchedBuild(rig.suite, rig.path("opt"));
    const runsvdir = startRunsvdir(rig, { ...options, env: { PATH: build.path } });
    const { pid } = await web.run.started();
    const { pid: logger } = await web.log.run.started();
    await stateToBe(rig, web, { state: "run" });
    // Only the one that is its parent can do so. A shell would reap it.
    const command = isInline ? "runsvdir" : "runsv";
    const isZombie = `(do { open my $f, "<", "/proc/${pid}/stat"; <$f> }) =~ /\\) Z/`;
    const sendTerm = `open my $c, "+<", "${web.file("log/supervise/control")}" or die; syswrite $c, "t";`;
    build.switchToScripts({ [command]: actingFirst(rig, command, `${sendTerm} kill 9, ${pid}; 1 until ${isZombie};`) });
    expect((await sv(rig, ["renew"])).code).toBe(0);
    expect((await web.finish.started()).argv.slice(1, 3)).toEqual(["-1", "9"]);
    await web.run.started(2);
    expect(await stateToBe(rig, web, { starts: 2 })).toMatchObject({ lastExit: { code: null, signal: 9 } });
    await web.log.run.started(2);
    expect(isAlive(logger)).toBe(false);
    expect(runsvdir.stderr()).toBe("");
  },
);

rigTest(
  "TERM that comes while the program is replaced stops all afterwards",
  suites.filter(({ name }) => name !== "node"),
  async (rig) => {
    const web = rig.service("web");
    const build = new SwitchedBuild(rig.suite, rig.path("opt"));
    const runsvdir = startRunsvdir(rig, { words: ["--inline", "--orderly"], env: { PATH: build.path } });
    const { pid } = await web.run.started();
    await stateToBe(rig, web, { state: "run" });
    build.switchToScripts({ runsvdir: actingFirst(rig, "runsvdir", 'kill "TERM", $$;') });
    const asked = rig.start("sv", ["renew"]);
    expect((await rig.result(runsvdir)).code).toBe(0);
    expect(isAlive(pid)).toBe(false);
    asked.kill("SIGKILL");
  },
);

modeTest("what is under way goes on", async (rig, options) => {
  const once = rig.service("once", { files: { down: "" } });
  const paused = rig.service("paused");
  const late = rig.service("late", { files: { "notification-fd": "5\n" }, run: { text: tellingLater } });
  const ending = rig.service("ending", { finish: [] });
  const leaving = rig.service("leaving", { run: ["trap TERM"] });
  startRunsvdir(rig, options);
  await paused.run.started();
  await leaving.run.started();
  expect((await sv(rig, ["exit", "leaving"])).code).toBe(0);
  await leaving.run.signalled("TERM");
  await ending.run.exit(0);
  await ending.finish.started();
  expect((await sv(rig, ["once", "once"])).code).toBe(0);
  await once.run.started();
  expect((await sv(rig, ["pause", "paused"])).code).toBe(0);
  await stateToBe(rig, paused, { paused: true });
  await stateToBe(rig, late, { state: "run", ready: false });
  await stateToBe(rig, ending, { state: "finish" });
  expect((await sv(rig, ["renew"])).code).toBe(0);
  await stateToBe(rig, paused, { state: "run", paused: true });
  await stateToBe(rig, ending, { state: "finish" });
  await stateToBe(rig, leaving, { state: "run", want: "exit" });
  writeFileSync(late.file("go"), "");
  await stateToBe(rig, late, { ready: true });
  await ending.finish.exit(0);
  await ending.run.started(2);
  await once.run.exit(0);
  await stateToBe(rig, once, { state: "down", want: "down", starts: 1 });
  await leaving.run.exit(0);
  await leaving.run.started(2);
  expect(leaving.run.signals().filter((name) => name === "TERM")).toHaveLength(1);
  for (const { run } of [once, paused, late]) expect(run.starts().length).toBeLessThan(2);
});

/** Writes its notification when a file is there. */
const tellingLater = "#!/bin/sh\nuntil [ -e go ]; do sleep 0.02; done\necho >&5\nexec sleep 1000\n";

modeTest("a program that cannot begin is refused, and the old one goes on", async (rig, options) => {
  const web = rig.service("web");
  const build = new SwitchedBuild(rig.suite, rig.path("opt"));
  const runsvdir = startRunsvdir(rig, { ...options, env: { PATH: build.path } });
  const { pid } = await web.run.started();
  await stateToBe(rig, web, { state: "run" });
  const script =
    rig.suite.name === "node"
      ? "process.stderr.write('no good\\n');process.exit(3);\n"
      : "#!/bin/sh\necho no good >&2\nexit 3\n";
  build.switchToScripts({ runsvdir: script });
  const path = build.command("runsvdir");
  const refused = await sv(rig, ["renew"]);
  const reason = `${path} exits 3 when asked for its version: no good`;
  expect(refused).toMatchObject({ code: 1, stdout: `fail: runsvdir: (pid ${runsvdir.pid}) not renewed: ${reason}\n` });
  expect(runsvdir.stderr()).toBe(`runsvdir ${rig.services}: warning: unable to renew: ${reason}\n`);
  build.switchToScripts({ runsvdir: null });
  expect((await sv(rig, ["renew"])).stdout).toContain("not renewed: ");
  build.switchToScripts({
    runsvdir: rig.suite.name === "node" ? "console.log('other 1.0')\n" : "#!/bin/sh\necho other 1.0\n",
  });
  expect((await sv(rig, ["renew"])).stdout).toContain(`not renewed: ${path} is no runsvdir of this suite\n`);
  build.switchTo(rig.suite.bin);
  expect((await sv(rig, ["renew"])).code).toBe(0);
  expect(isAlive(pid)).toBe(true);
  expect(web.run.starts()).toHaveLength(1);
});

modeTest("another version takes over when the link leads to it", async (rig, options, isInline) => {
  using scratch = scratchDirectory();
  const web = rig.service("web", { log: {} });
  const build = new SwitchedBuild(rig.suite, rig.path("opt"));
  const runsvdir = startRunsvdir(rig, { ...options, env: { PATH: build.path } });
  const { pid } = await web.run.started();
  await stateToBe(rig, web, { state: "run" });
  build.switchTo(makeOtherVersion(rig.suite, scratch.path));
  const runsv = isInline ? "" : `ok: renewed: 1 runsv: version ${otherVersion}, before ${version}\n`;
  const stdout = `ok: renewed: runsvdir: (pid ${runsvdir.pid}) version ${otherVersion}, before ${version}\n${runsv}`;
  expect(await sv(rig, ["renew"])).toMatchObject({ code: 0, stdout });
  await stateToBe(rig, web, { state: "run", pid });
  // Its runsv is of the new version as well, and no stranger.
  expect((await sv(rig, ["exit", "web"])).code).toBe(0);
  await web.run.started(2);
  build.switchTo(rig.suite.bin);
  expect((await sv(rig, ["renew"])).stdout).toContain(`version ${version}, before ${otherVersion}`);
  expect(runsvdir.stderr()).toBe("");
});

rigTest("the log in the command line goes on", suites, async (rig) => {
  const web = rig.service("web");
  const log = `log: ${".".repeat(80)}`;
  const runsvdir = startRunsvdir(rig, { log });
  await web.run.started();
  await web.run.tell("complain before");
  const shows = (text: string): boolean => commandLine(runsvdir.pid).at(-1)?.includes(text) === true;
  await rig.until("the first line", () => shows("before"));
  expect((await sv(rig, ["renew"])).code).toBe(0);
  await web.run.tell("complain after");
  await rig.until("both lines", () => shows("before\nafter"));
  expect(commandLine(runsvdir.pid).at(-1)).toHaveLength(log.length);
});

rigTest("sv renew says so where no runsvdir of ours listens", suites, async (rig) => {
  expect(await sv(rig, ["renew"])).toMatchObject({
    code: 1,
    stdout: `fail: ${rig.services}: runsvdir not running, or not one that can be renewed\n`,
  });
  expect((await sv(rig, ["renew", "a", "b"])).code).toBe(100);
});
