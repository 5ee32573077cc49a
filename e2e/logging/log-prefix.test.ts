/*
 * log-prefix: the lines of services without a log service come to runsv's standard output, each behind a prefix.
 */
import { closeSync, constants, existsSync, openSync, rmSync, writeFileSync } from "node:fs";
import { execaSync } from "execa";
import { describe, expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive } from "../rig/process/processes.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { nobody, root, user } from "../rig/process/under.ts";

const prefixed = { files: { "log-prefix": "" } };

/** Prefixes that give a command another standard output, which ends up in the output of the rig. */
const outputs: Readonly<Record<string, readonly string[]>> = {
  "a pipe": ["sh", "-c", '"$@" | exec cat', "sh"],
  "a file": [],
  "a socket": [
    "perl",
    "-MSocket",
    "-e",
    'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or die; if (fork) { close A; open STDIN, "<&B"; exec "cat" } close B; open STDOUT, ">&A"; exec @ARGV or die',
  ],
};

/** Writes lines of these lengths in turn, each with its service, number and length, and then sleeps. */
const talker = (lengths: readonly number[], count: number): { readonly text: string } => ({
  text: [
    "#!/usr/bin/perl",
    "use Cwd; my ($name) = getcwd() =~ m{([^/]+)$};",
    `my @lengths = (${lengths.join(", ")}); $| = 1;`,
    `for my $number (1 .. ${count}) {`,
    "  my $length = $lengths[$number % @lengths];",
    '  my $line = "$name $number $length ";',
    '  $line .= "x" x ($length - length $line) if $length > length $line;',
    '  print "$line\\n";',
    "}",
    'open my $done, ">", "done"; close $done;',
    "sleep 1000;",
    "",
  ].join("\n"),
});

/** Counts the lines of each service, or says what is wrong with a line. */
function countLines(text: string): Readonly<Record<string, number>> | string {
  const counts: Record<string, number> = {};
  for (const line of text.split("\n").slice(0, -1)) {
    const found = /^(\S+) \| (\S+) (\d+) (\d+) (x*)$/.exec(line);
    if (found === null) return `not a line: ${line.slice(0, 100)}`;
    const [, prefix = "", name = "", number = "", length = "", filling = ""] = found;
    const last = counts[name] ?? 0;
    const rest = Number(length) - `${name} ${number} ${length} `.length;
    if (prefix !== name || Number(number) !== last + 1 || filling.length !== Math.max(rest, 0)) {
      return `after ${last} of ${name}: ${line.slice(0, 100)}`;
    }
    counts[name] = last + 1;
  }
  return counts;
}

async function talk(rig: TestRig, under: readonly string[], services: number, lines: number): Promise<void> {
  const names = Array.from({ length: services }, (_, number) => `s${number}`);
  for (const name of names) rig.service(name, { ...prefixed, run: talker([20, 3000, 65_000, 30], lines) });
  const runsvdir = rig.start("runsvdir", [rig.services], { under });
  const all = Object.fromEntries(names.map((name) => [name, lines]));
  await rig.until("all lines", () => {
    const lineCount = runsvdir.stdout().split("\n").length - 1;
    return lineCount >= services * lines;
  });
  expect(countLines(runsvdir.stdout())).toEqual(all);
}

describe("many services at once", () => {
  rigTest("keep their lines apart on a pipe", ourSuites, async (rig) => {
    // Thirty starts of Node at once would only test the machine.
    await talk(rig, outputs["a pipe"] ?? [], rig.suite.name === "node" ? 10 : 30, 8);
  });

  for (const kind of ["a file", "a socket"]) {
    rigTest(`keep their lines apart on ${kind}`, ourSuites, async (rig) => {
      await talk(rig, outputs[kind] ?? [], 4, 8);
    });
  }

  rigTest(
    "keep their lines apart on a pipe that they may not open",
    ourSuites,
    async (rig) => {
      execaSync("chown", [String(nobody), rig.services]);
      const under = ["sh", "-c", '"$@" | exec cat', "sh", ...user(nobody, nobody)];
      const names = ["s0", "s1", "s2"];
      for (const name of names) {
        const { path } = rig.service(name, { ...prefixed, run: talker([20, 30_000], 8) });
        execaSync("chown", ["-R", String(nobody), path]);
      }
      const runsvdir = rig.start("runsvdir", [rig.services], { under });
      await rig.until("all lines", () => runsvdir.stdout().split("\n").length - 1 >= 24);
      expect(countLines(runsvdir.stdout())).toEqual({ s0: 8, s1: 8, s2: 8 });
    },
    { needs: root },
  );
});

rigTest("run, finish and control scripts all have the prefix, also for their errors", ourSuites, async (rig) => {
  const web = rig.service("web", {
    ...prefixed,
    run: shell("echo out", "echo error >&2", "exec sleep 1000"),
    finish: shell("echo finish $1 $2"),
    control: { t: shell("echo control", "exit 1") },
  });
  const runsv = await rig.runsv(web);
  await rig.until("both lines", () => runsv.stdout() === "web | out\nweb | error\n");
  expect((await sv(rig, ["exit", "web"])).code).toBe(0);
  await rig.result(runsv);
  // When runsv has ended, all output is there.
  expect(runsv.stdout()).toBe("web | out\nweb | error\nweb | control\nweb | finish -1 15\n");
  expect(runsv.stderr()).toBe("");
});

rigTest("runsv's own messages are not the service's", ourSuites, async (rig) => {
  const web = rig.service("web", { ...prefixed, run: "absent" });
  const runsv = await rig.runsv(web);
  await rig.until("the message", () => runsv.stderr().includes("unable to start ./run: file does not exist\n"));
  expect(runsv.stderr()).toMatch(/^runsv web: fatal: /);
  expect(runsv.stdout()).toBe("");
});

rigTest("the prefix is read anew at each start", ourSuites, async (rig) => {
  const web = rig.service("web", { run: shell("echo started", "exec sleep 1000") });
  const runsv = await rig.runsv(web);
  await rig.until("a line without", () => runsv.stdout() === "started\n");
  const restart = async (lines: string): Promise<void> => {
    expect((await sv(rig, ["restart", "web"])).code).toBe(0);
    await rig.until(lines, () => runsv.stdout() === `started\n${lines}`);
  };
  writeFileSync(web.file("log-prefix"), "[web] \n");
  await restart("[web] started\n");
  writeFileSync(web.file("log-prefix"), "");
  await restart("[web] started\nweb | started\n");
  rmSync(web.file("log-prefix"));
  await restart("[web] started\nweb | started\nstarted\n");
});

rigTest("the environment turns it on for all that have no log service", ourSuites, async (rig) => {
  const env = { UPKEEP_PREFIX_LOGS: "1" };
  const web = rig.service("web", { run: shell("echo web", "exec sleep 1000") });
  const own = rig.service("own", { files: { "log-prefix": "mine: " }, run: shell("echo own", "exec sleep 1000") });
  const logging = rig.service("logging", { ...prefixed, run: ["line logged"], log: {} });
  const outputsOf = await Promise.all([web, own, logging].map((service) => rig.runsv(service, { env })));
  await rig.until("the log", () => logging.logged() === "logged\n");
  await rig.until("the lines", () => outputsOf.map((one) => one.stdout()).join("") === "web | web\nmine: own\n");
});

rigTest("a line without its end comes out when the process ends, or after a while", ourSuites, async (rig) => {
  const web = rig.service("web", {
    ...prefixed,
    run: shell("printf 'password: '", "test -e go || exec sleep 1000", "echo", "printf last", "exit 3"),
    finish: shell("echo finish", "exec sleep 1000"),
  });
  const runsv = await rig.runsv(web);
  await rig.until("the prompt", () => runsv.stdout() === "web | password: \n");
  writeFileSync(web.file("go"), "");
  await sv(rig, ["term", "web"]);
  await rig.until("the first finish", () => runsv.stdout() === "web | password: \nweb | finish\n");
  await sv(rig, ["kill", "web"]);
  const second = "web | password: \nweb | last\nweb | finish\n";
  await rig.until("the last words", () => runsv.stdout() === `web | password: \nweb | finish\n${second}`);
});

rigTest("a killed runsv takes nothing along: the service goes on, and its lines come later", ourSuites, async (rig) => {
  const web = rig.service("web", { ...prefixed, run: [] });
  const first = await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  await web.run.tell("line before");
  await rig.until("the line", () => first.stdout() === "web | before\n");
  first.kill("SIGKILL");
  await rig.result(first);
  await web.run.tell("line meanwhile");
  const second = await rig.runsv(web);
  await rig.until("the line from between", () => second.stdout().includes("web | meanwhile\n"));
  expect(isAlive(pid)).toBe(true);
});

rigTest("a reader that does not read stops the service, and never runsv", ourSuites, async (rig) => {
  const fifo = rig.path("fifo");
  execaSync("mkfifo", [fifo]);
  const reader = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    // This is more than all buffers on the way hold.
    const lines = 4000;
    const web = rig.service("web", { ...prefixed, run: talker([1000], lines) });
    const runsv = await rig.runsv(web, { under: ["sh", "-c", `exec "$@" >${fifo}`, "sh"] });
    for (const [command, stat] of [
      ["pause", "run, paused"],
      ["cont", "run"],
    ] as const) {
      await web.stat(command === "pause" ? "run" : "run, paused");
      expect((await sv(rig, [command, "web"])).code).toBe(0);
      await web.stat(stat);
    }
    expect(existsSync(web.file("done"))).toBe(false);
    const cat = rig.start("cat", [fifo]);
    await rig.until("the rest", () => cat.stdout().split("\n").length > lines);
    expect(countLines(cat.stdout())).toEqual({ web: lines });
    await rig.until("the end of writing", () => existsSync(web.file("done")));
    expect((await sv(rig, ["exit", "web"])).code).toBe(0);
    expect((await rig.result(runsv)).code).toBe(0);
  } finally {
    closeSync(reader);
  }
});

rigTest("a reader that has gone is no end of the service", ourSuites, async (rig) => {
  const web = rig.service("web", { ...prefixed, run: talker([1000], 500) });
  const under = ["perl", "-e", 'pipe A, B; open STDOUT, ">&B"; close A; close B; exec @ARGV or die'];
  const runsv = await rig.runsv(web, { under });
  await rig.until("the end of writing", () => existsSync(web.file("done")));
  expect(runsv.stderr()).toBe("runsv web: warning: unable to write to standard output: broken pipe\n");
  expect(web.supervise.stat()).toBe("run");
});

describe("/dev/stdout and /dev/stderr", () => {
  const opening = ["id -u >/dev/stdout || exit 1", "echo error >/dev/stderr || exit 1", "exec sleep 1000"].join("; ");
  const script = shell(`exec chpst -u :${nobody}:${nobody} sh -c '${opening}' 2>&1`);

  rigTest(
    "can be opened by another user, behind a prefix",
    ourSuites,
    async (rig) => {
      const web = rig.service("web", { ...prefixed, run: script });
      const runsv = await rig.runsv(web);
      await rig.until("both lines", () => runsv.stdout() === `web | ${nobody}\nweb | error\n`);
    },
    { needs: root },
  );

  rigTest(
    "can be opened by another user, before a log service",
    ourSuites,
    async (rig) => {
      const web = rig.service("web", { run: script, log: {} });
      await rig.runsv(web);
      await rig.until("both lines", () => web.logged() === `${nobody}\nerror\n`);
    },
    { needs: root },
  );
});

rigTest("a directory for the FIFO that others may enter is not used", ourSuites, async (rig) => {
  const web = rig.service("web", {
    files: { "log-prefix": "", "supervise/private/stdout": "mine" },
    run: shell("echo started", "exec sleep 1000"),
  });
  const runsv = await rig.runsv(web);
  await rig.until("the line", () => runsv.stdout() === "started\n");
  expect(runsv.stderr()).toBe("runsv web: warning: unable to use supervise/private: permission denied\n");
  expect(rig.read(web.file("supervise/private/stdout"))).toBe("mine");
});
