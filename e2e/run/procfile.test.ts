/* `upkeep run`: a Procfile in the foreground, and sv from another terminal in the same directory. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import type { Result, RunningCommand } from "../rig/process/running-command.ts";
import { Terminal } from "../rig/process/terminal.ts";

/** A project: a directory with a Procfile, in which commands are typed. */
class Project {
  readonly #rig: TestRig;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;

  constructor(rig: TestRig, procfile: readonly string[], files: Readonly<Record<string, string>> = {}) {
    this.#rig = rig;
    this.directory = rig.path("project");
    this.#env = { SVDIR: undefined, UPKEEP_RUNDIR: rig.path("state"), PORT: undefined };
    mkdirSync(this.directory);
    mkdirSync(rig.path("state"));
    for (const [name, text] of Object.entries({ Procfile: `${procfile.join("\n")}\n`, ...files }))
      writeFileSync(join(this.directory, name), text);
  }

  /** Starts `upkeep run`. */
  run(...words: readonly string[]): RunningCommand {
    return this.#rig.start("upkeep-run", words, { cwd: this.directory, env: this.#env });
  }

  /** Runs `upkeep run` to its end. */
  async whole(...words: readonly string[]): Promise<Result> {
    return await this.#rig.result(this.run(...words));
  }

  async sv(...words: readonly string[]): Promise<Result> {
    return await this.#rig.run("sv", words, { cwd: this.directory, env: this.#env });
  }

  /** Waits until the process type has said it, behind its name. */
  async says(running: RunningCommand, text: string, times = 1): Promise<void> {
    await this.#rig.until(`${JSON.stringify(text)} of ${running.words.join(" ")}`, () => {
      return running.stdout().split(text).length > times;
    });
  }

  async stop(running: RunningCommand): Promise<Result> {
    process.kill(running.pid, "SIGTERM");
    return await this.#rig.result(running);
  }

  get environment(): Readonly<Record<string, string | undefined>> {
    return this.#env;
  }
}

/** Says its name and port, and says when it is told to end. No shell, which would tell of signals as well. */
const daemon = (name: string): string =>
  `exec perl -e '$| = 1; $SIG{TERM} = sub { print qq(${name} ends\\n); exit }; print qq(${name} on $ENV{PORT}\\n); sleep 1000 while 1'`;

rigTest(
  "runs the release first, then the others with ports of their own, and TERM ends all",
  ourSuites,
  async (rig) => {
    const project = new Project(
      rig,
      ["# what we run", "release: echo released $GREETING", `web: ${daemon("web")}`, `worker: ${daemon("worker")}`],
      { ".env": `GREETING="hello $world"\n` },
    );
    const running = project.run("-m", "web=2", "-p", "7000");
    for (const text of ["web on 7000\n", "web on 7001\n", "worker on 7100\n"]) await project.says(running, text);
    const stopped = await project.stop(running);
    expect(stopped).toMatchObject({ code: 0, stderr: "" });
    const lines = stopped.stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("release | released hello $world");
    expect(lines.slice(1).toSorted()).toEqual([
      "web.1   | web ends",
      "web.1   | web on 7000",
      "web.2   | web ends",
      "web.2   | web on 7001",
      "worker  | worker ends",
      "worker  | worker on 7100",
    ]);
  },
);

rigTest("the end of one process ends all, with its exit code", ourSuites, async (rig) => {
  const project = new Project(rig, [`web: ${daemon("web")}`, "job: until [ -e go ]; do sleep 0.1; done; exit 7"]);
  const running = project.run();
  await project.says(running, "web on 5000\n");
  writeFileSync(join(project.directory, "go"), "");
  const ended = await rig.result(running);
  expect(ended.code).toBe(7);
  expect(ended.stdout).toContain("web | web ends\n");
});

rigTest("a release that fails ends all before the others start, with its exit code", ourSuites, async (rig) => {
  const project = new Project(rig, [`web: ${daemon("web")}`, "release: echo cannot migrate; exit 3"]);
  const ended = await project.whole();
  expect(ended.code).toBe(3);
  expect(ended.stdout).toBe("release | cannot migrate\n");
});

rigTest("options say which processes may end, and which are started again", ourSuites, async (rig) => {
  const project = new Project(rig, [
    `web: ${daemon("web")}`,
    "css: echo built",
    "worker: echo works; until [ -e go ]; do sleep 0.1; done; rm go; exit 1",
    "left: echo never",
  ]);
  const running = project.run("--can-die", "css", "--restart", "worker", "web", "css", "worker");
  await project.says(running, "web on 5000\n");
  await project.says(running, "css    | built\n");
  await project.says(running, "worker | works\n");
  writeFileSync(join(project.directory, "go"), "");
  await project.says(running, "worker | works\n", 2);
  const stopped = await project.stop(running);
  expect(stopped.code).toBe(0);
  expect(stopped.stdout).not.toContain("never");
});

rigTest("sv works from another terminal in the same directory, and below it", ourSuites, async (rig) => {
  const project = new Project(rig, [`web: ${daemon("web")}`, `worker: ${daemon("worker")}`]);
  const running = project.run();
  await project.says(running, "worker on 5100\n");
  await project.says(running, "web on 5000\n");
  expect((await project.sv("list")).stdout).toMatch(/^web +run .*\nworker +run /m);
  expect((await project.sv("restart", "web")).stdout).toMatch(/^ok: run: web: \(pid \d+\) \d+s\n$/);
  await project.says(running, "web on 5000\n", 2);
  const log = await project.sv("log", "web");
  expect(log.stdout.split("\n").map((line) => line.slice(24))).toEqual(["web on 5000", "web ends", "web on 5000", ""]);
  mkdirSync(join(project.directory, "src"));
  const env = project.environment;
  const below = await rig.run("sv", ["status", "worker"], { cwd: join(project.directory, "src"), env });
  expect(below.stdout).toMatch(/^run: worker: /);
  expect(await project.whole()).toMatchObject({
    code: 111,
    stderr: `upkeep run ${project.directory}: fatal: runs already (pid ${running.pid}): sv list shows what, in this directory\n`,
  });
  // SVDIR has the last word.
  const elsewhere = await rig.run("sv", ["status", "worker"], {
    cwd: project.directory,
    env: { ...env, SVDIR: rig.services },
  });
  expect(elsewhere.code).toBe(1);
  expect((await project.stop(running)).code).toBe(0);
  // Nobody runs them any more.
  expect((await project.sv("status", "worker")).stdout).toMatch(/^fail: worker: unable to change to service directory/);
});

rigTest("Ctrl-C ends all in order, and prefixes have colours on a terminal", ourSuites, async (rig) => {
  const project = new Project(rig, [`web: ${daemon("web")}`]);
  const words = `cd ${project.directory} && exec env -u SVDIR -u NO_COLOR UPKEEP_RUNDIR=${rig.path("state")} TERM=xterm upkeep-run`;
  using terminal = await Terminal.open(rig, words);
  await rig.until("a process that runs", () => terminal.screen().includes("\u001b[36mweb | \u001b[0mweb on 5000\n"));
  expect(terminal.screen()).toContain(`upkeep run: from another terminal, in ${project.directory}: sv list,`);
  terminal.type("\u0003");
  const { code } = await rig.result(terminal.command);
  expect(code).toBe(0);
  expect(terminal.screen()).toContain("web ends\n");
});

rigTest("a run after a killed one adopts what still runs", ourSuites, async (rig) => {
  const project = new Project(rig, [`web: ${daemon("web")}`]);
  const first = project.run();
  await project.says(first, "web on 5000\n");
  const pidOf = async (): Promise<string> =>
    /\(pid (\d+)\)/.exec((await project.sv("status", "web")).stdout)?.[1] ?? "";
  const pid = await pidOf();
  process.kill(first.pid, "SIGKILL");
  await rig.result(first);
  const second = project.run();
  await rig.until("an adopted process", async () => (await pidOf()) === pid && pid !== "");
  expect((await project.stop(second)).code).toBe(0);
  // What it said went to the log that it had, on the output of the first run.
  expect(first.stdout()).toContain("web | web ends\n");
});

rigTest("a directory of services runs as it is, each line behind its name", ourSuites, async (rig) => {
  const project = new Project(rig, []);
  mkdirSync(join(project.directory, "service/app"), { recursive: true });
  writeFileSync(join(project.directory, "service/app/run"), "#!/bin/sh\necho here\nexec sleep 1000\n");
  chmodSync(join(project.directory, "service/app/run"), 0o755);
  const running = project.run("-f", "service");
  await project.says(running, "app | here\n");
  expect((await project.sv("status", "app")).stdout).toMatch(/^run: app: /);
  expect((await project.stop(running)).code).toBe(0);
});

rigTest("takes process-compose.yaml, with its order, readiness and restarts", ourSuites, async (rig) => {
  const compose = `
processes:
  web:
    command: test -e ready && echo web; exec sleep 1000
    depends_on:
      db: { condition: process_healthy }
      migrate: { condition: process_completed_successfully }
  db:
    command: sleep 0.2; touch ready; echo db; exec sleep 1000
    readiness_probe: { exec: { command: test -e ready } }
  migrate:
    command: echo migrated
`;
  const project = new Project(rig, [], { "process-compose.yaml": compose });
  const running = project.run("-f", "process-compose.yaml");
  for (const text of ["db      | db\n", "migrate | migrated\n", "web     | web\n"]) await project.says(running, text);
  // The source says itself what its end means.
  expect((await project.sv("status", "migrate")).stdout).toMatch(/^down: migrate: /);
  expect((await project.stop(running)).code).toBe(0);
});

rigTest("uses its own commands, whatever PATH leads to", ourSuites, async (rig) => {
  const project = new Project(rig, ["web: command -v runsvdir; exec sleep 1000"]);
  const PATH = rig.suite.path.split(":").slice(1).join(":");
  const env = { ...project.environment, PATH };
  const running = rig.start(rig.suite.command("upkeep-run"), [], { cwd: project.directory, env });
  await project.says(running, `web | ${rig.suite.bin}/runsvdir\n`);
  expect((await project.stop(running)).code).toBe(0);
});

for (const [what, words, message] of [
  ["an unknown process", ["wbe"], "upkeep run: fatal: there is no wbe: web\n"],
  ["an unknown process in an option", ["--can-die", "wbe"], "upkeep run: fatal: there is no wbe: web\n"],
  ["a formation that is none", ["-m", "web:2"], "upkeep run: fatal: web:2 is not NAME=NUMBER\n"],
  ["a port that is none", ["-p", "70000"], "upkeep run: fatal: 70000 is not a port\n"],
  ["a file that does not exist", ["-f", "None"], "upkeep run None: fatal: unable to read it: file does not exist\n"],
  ["variables that do not exist", ["-e", "none"], "upkeep run none: fatal: unable to read it: file does not exist\n"],
] as const) {
  rigTest(`says what is wrong with ${what}`, ourSuites, async (rig) => {
    const project = new Project(rig, [`web: ${daemon("web")}`]);
    expect(await project.whole(...words)).toMatchObject({ code: 111, stdout: "", stderr: message });
  });
}
