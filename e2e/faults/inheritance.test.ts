/* What a service inherits from the process that started its supervisor, and that it inherits nothing of ours. */
import { constants, existsSync, readFileSync, rmSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import { ignoring, niceLevelPlus } from "../rig/process/under.ts";

rigTest("passes on a soft limit of open files that is lower than the hard one", allSuites, async (rig) => {
  const web = rig.service("web", { run: shell("ulimit -Sn", "ulimit -Hn", "exec sleep 600") });
  // The shell stays and is the parent, like a start script.
  const runsv = await rig.runsv(web, { under: ["sh", "-c", 'ulimit -Sn 256; ulimit -Hn 1000; "$@"; true', "sh"] });
  await rig.until("two limits", () => runsv.stdout() === "256\n1000\n");
});

rigTest("passes the soft limit of open files on through runsvdir", allSuites, async (rig) => {
  rig.service("web", { run: shell("ulimit -Sn", "ulimit -Hn", "exec sleep 600") });
  const runsvdir = startRunsvdir(rig, { under: ["sh", "-c", 'ulimit -Sn 256; ulimit -Hn 1000; "$@"; true', "sh"] });
  await rig.until("two limits", () => runsvdir.stdout() === "256\n1000\n");
});

rigTest("passes on umask and niceness", allSuites, async (rig) => {
  const script = shell("umask", "nice", "exec sleep 600");
  const web = rig.service("web", { run: script });
  const runsv = await rig.runsv(web, { under: ["sh", "-c", 'umask 027; exec nice -n 7 "$@"', "sh"] });
  await rig.until("both", () => runsv.stdout() === `0027\n${niceLevelPlus(7)}\n`);
});

for (const [what, redirection] of [
  ["stdin", "<&-"],
  ["stdout", ">&-"],
  ["stderr", "2>&-"],
  ["all three", "<&- >&- 2>&-"],
] as const) {
  rigTest(`gives a service nothing of its own when it was started with ${what} closed`, ourSuites, async (rig) => {
    const web = rig.service("web", { log: {} });
    await rig.runsv(web, { under: ["sh", "-c", `exec "$@" ${redirection}`, "sh"] });
    const pipe = expect.stringMatching(/^pipe:/);
    const outside = expect.stringMatching(/^\/dev\/null$|\/\.rig\/command-\d+\.(?:out|err)$/);
    const { fds } = await web.run.started();
    expect([fds["0"], fds["1"], fds["2"]]).toEqual([outside, pipe, outside]);
    const log = await web.log.run.started();
    expect([log.fds["0"], log.fds["1"], log.fds["2"]]).toEqual([fds["1"], outside, outside]);
    await web.run.writeLine("hello");
    await rig.until("the line", () => web.logged() === "hello\n");
  });
}

/** Opens a socket, a directory and a file for the command, as an activator or `3<FILE` does. */
const activator = [
  "perl",
  "-e",
  `use POSIX; socketpair(A, B, 1, 1, 0); open F, "<", "/etc/passwd"; opendir D, "/etc";
   my @files = (fileno A, fileno F, fileno D);
   POSIX::dup2($files[$_], (60, 61, 62)[$_]) for 0 .. 2;
   POSIX::close($_) for 3 .. 59; POSIX::dup2((60, 61, 62)[$_], (3, 9, 40)[$_]) for 0 .. 2; POSIX::close($_) for 60 .. 62;
   exec @ARGV`,
];

/** The descriptors above 2. */
function further({ fds }: { readonly fds: Readonly<Record<string, string>> }): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fds).filter(([fd]) => Number(fd) > 2));
}

for (const command of ["runsv", "runsvdir"] as const) {
  rigTest(`hands on the descriptors that ${command} was given, and no others`, allSuites, async (rig) => {
    const web = rig.service("web", { finish: [], log: {}, control: { t: [] } });
    const given = rig.service("given", {}, rig.root);
    rig.start("./run", [], { cwd: given.path, under: activator });
    const direct = further(await given.run.started());
    expect(direct).toMatchObject({ 3: expect.stringMatching(/^socket:/), 9: "/etc/passwd", 40: "/etc" });
    // Each activator makes a socket of its own.
    const expected = { ...direct, 3: expect.stringMatching(/^socket:/) };
    rig.start(command, command === "runsv" ? ["web"] : [rig.services], { under: activator });
    expect(further(await web.run.started())).toEqual(expected);
    expect(further(await web.log.run.started())).toEqual(expected);
    await web.stat("run");
    web.supervise.control("t");
    expect(further(await web.control("t").started())).toEqual(expected);
    await web.control("t").exit(1);
    expect(further(await web.finish.started())).toEqual(expected);
  });
}

rigTest(
  "gives run its notification-fd in the place of an inherited descriptor of that number",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { files: { "notification-fd": "3" } });
    startRunsvdir(rig, { under: activator });
    expect(further(await web.run.started())).toMatchObject({ 3: expect.stringMatching(/^pipe:/), 9: "/etc/passwd" });
  },
);

/** O_ACCMODE of fcntl.h. */
const accessMode = 3;

/** A script that records the flags of its standard output and standard error, in octal. */
const showFlags = shell(
  "sed -n 's/^flags:[^0-9]*//p' /proc/$$/fdinfo/1 /proc/$$/fdinfo/2 >>../../flags",
  "exec sleep 600",
);

for (const [command, words] of [
  ["runsv", ["web"]],
  ["runsvdir", ["-P", "."]],
  ["runsvdir", ["--orderly", "-P", "."]],
  [
    "my_init",
    ["--skip-runit", "--skip-startup-files", "--no-kill-all-on-exit", "--", "sh", "-c", "cd web && exec ./run"],
  ],
  ["chpst", ["-o", "100", "sh", "-c", "cd web && exec ./run"]],
  ["sh", ["-c", "sv -w 1 status absent; cd web && exec ./run"]],
  ["setuser", ["root", "sh", "-c", "cd web && exec ./run"]],
] as const) {
  // With such a pipe, an unprepared program loses what it writes while nobody reads.
  rigTest(
    `leaves the pipes that it shares with the services blocking: ${[command, ...words].join(" ")}`,
    ourSuites,
    async (rig) => {
      rig.service("web", { run: showFlags });
      // The shell stays in between until the processes that it has started have gone.
      const piped = '{ "$@" 2>&3 | cat; } 3>&1 | cat >&2';
      rig.start(command, words, { under: ["sh", "-c", piped, "sh"] });
      const flags = (): readonly number[] =>
        rig
          .read(rig.path("flags"))
          .split("\n")
          .slice(0, -1)
          .map((line) => parseInt(line, 8));
      await rig.until("the flags of both", () => flags().length === 2);
      expect(flags().map((bits) => bits & (accessMode | constants.O_NONBLOCK))).toEqual([1, 1]);
    },
  );
}

rigTest("supervises on when nobody reads its messages any more", ourSuites, async (rig) => {
  const noReader = 'pipe(R, W); close R; open(STDERR, ">&W"); exec @ARGV';
  const web = rig.service("web", { run: "absent", finish: ["exit 0"] });
  await rig.runsv(web, { under: ["perl", "-e", noReader] });
  await web.finish.started(2);
  web.run.install([]);
  await web.run.started();
});

rigTest("learns of exits although its parent ignored, or had blocked, the signals for that", ourSuites, async (rig) => {
  const block = "use POSIX; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGCHLD, SIGTERM, SIGINT, SIGHUP)); exec @ARGV";
  const web = rig.service("web", { finish: ["exit 0"] });
  const runsv = await rig.runsv(web, { under: [...ignoring("CHLD", "TERM"), "perl", "-e", block] });
  await web.run.started();
  await web.run.exit(37);
  expect((await web.finish.started()).argv.slice(1, 3)).toEqual(["37", "0"]);
  runsv.kill("SIGTERM");
  expect(await rig.result(runsv)).toMatchObject({ code: 0 });
});

/** A script that appends its environment to a file, byte for byte: perl adds nothing to it. */
function showEnvironment(file: string): string {
  return `#!/usr/bin/perl\nopen(E, '<', '/proc/self/environ'); open(F, '>>', '${file}'); print F <E>; close F;\n`;
}

rigTest("passes the environment on byte for byte, and adds nothing to it", ourSuites, async (rig) => {
  const show = (name: string): string => showEnvironment(rig.path(name));
  const web = rig.service("web", {
    run: { text: `${show("run")}sleep 600;\n` },
    finish: { text: show("finish") },
    control: { t: { text: `${show("control")}exit 1;\n` } },
    log: { run: { text: `${show("log")}sleep 600;\n` } },
  });
  // Not UTF-8; empty; a newline; not a letter; the runtimes' own variables, which a user may have set for services.
  const odd = String.raw`
    $ENV{ODD} = "\xff\xfe\x80"; $ENV{EMPTY} = ""; $ENV{LINES} = "a\nb"; $ENV{"."} = "="; $ENV{"\xe4"} = "\xc3";
    $ENV{BUN_JSC_numberOfGCMarkers} = "1"; $ENV{NODE_OPTIONS} = "--no-warnings"; exec @ARGV`;
  const before = rig.path("before");
  const showFirst = `open(E, '<', '/proc/self/environ'); open(F, '>', '${before}'); print F <E>; close F; exec @ARGV`;
  startRunsvdir(rig, { under: ["perl", "-e", odd, "perl", "-e", showFirst] });
  await web.stat("run");
  const given = entries(before);
  expect(given).toContain("ODD=\xff\xfe\x80");
  const shown = async (name: string, times = 1): Promise<readonly string[]> =>
    await rig.until(`the environment of ${name}`, () => {
      const found = entries(rig.path(name));
      return found.length >= given.length * times && found;
    });
  expect(await shown("run")).toEqual(given);
  expect(await sv(rig, ["restart", "web"])).toMatchObject({ code: 0 });
  for (const name of ["finish", "control", "log"]) expect([name, await shown(name)]).toEqual([name, given]);
  expect(await shown("run", 2)).toEqual([...given, ...given].toSorted());
});

rigTest("passes the environment on to check byte for byte", allSuites, async (rig) => {
  const web = rig.service("web", { check: { text: showEnvironment(rig.path("check")) } });
  await rig.runsv(web);
  await web.stat("run");
  // runsv runs it as well.
  rmSync(rig.path("check"), { force: true });
  const odd = String.raw`$ENV{ODD} = "\xff\xfe\x80"; $ENV{"\xe4"} = "\xc3"; exec @ARGV`;
  expect(await sv(rig, ["check", "web"], { under: ["perl", "-e", odd] })).toMatchObject({ code: 0 });
  expect(entries(rig.path("check"))).toEqual(expect.arrayContaining(["ODD=\xff\xfe\x80", "\xe4=\xc3"]));
});

/** The entries in a copy of an environment; none until there is a copy. */
function entries(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, "latin1").split("\0").slice(0, -1).toSorted() : [];
}
