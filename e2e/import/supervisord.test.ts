/*
 * The same configuration under supervisord and, after `upkeep import`, under runsvdir: what the programs see is the same,
 * and how often they are started, and what they get when everything stops. Each program writes what it sees into a file.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { expect } from "vitest";

import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { ourSuites, stock } from "../rig/core/suites.ts";
import { newRig, type TestRig } from "../rig/core/test-rig.ts";
import { isRoot } from "../rig/process/under.ts";

/** Writes into the file of its name what it sees and gets. The words behind the name say what it does then. */
const witness = `#!/bin/sh
file=$WITNESS/$1
tell() { echo "$*" >>"$file"; }
tell "start as $(id -un), groups $(id -Gn), in $(pwd -P), umask $(umask), A=$A, B=$B, words $*"
shift
case $1 in
  exit) exit "$2" ;;
  die) kill -s "$2" $$ ;;
  print) echo out; echo err >&2 ;;
  child) sh -c 'trap "echo child got TERM >>\\"$1\\"; exit" TERM; echo child >>"$1"; while :; do sleep 0.1; done' sh "$file" & ;;
esac
for signal in HUP INT QUIT TERM USR1; do
  # shellcheck disable=SC2064
  trap "tell got $signal; [ '$1' = deaf ] || exit 0" $signal
done
tell waits
while :; do sleep 0.1; done
`;

/** A case: its section without the command, the words for the witness, and how many starts are waited for. */
interface Case {
  readonly name: string;
  readonly keys?: readonly string[];
  readonly words?: string;
  /** So many starts; `forever` means that it goes on being started. */
  readonly starts?: number | "forever";
}

const cases: readonly Case[] = [
  { name: "plain" },
  { name: "quoting", words: `'a  b' "c'd" e\\ f "" 100%% %(program_name)s` },
  { name: "directory", keys: ["directory=/usr/share"] },
  { name: "umask", keys: ["umask=027"] },
  { name: "environment", keys: [`environment=A="x y, z",B=%(ENV_FROM_OUTSIDE)s`] },
  { name: "commented", keys: ["autorestart=false ; never", "environment=A=1 # and no more"] },
  { name: "continued", keys: [`environment=A="1",`, `  B="2"`] },
  ...(isRoot ? [{ name: "user", keys: ["user=nobody"] }] : []),
  {
    name: "numbered",
    keys: ["process_name=%(program_name)s_%(process_num)02d", "numprocs=2", "numprocs_start=7"],
    words: "%(process_num)d",
  },
  { name: "success", keys: ["startsecs=0"], words: "exit 0", starts: 1 },
  { name: "expected", keys: ["startsecs=0", "exitcodes=0,3"], words: "exit 3", starts: 1 },
  { name: "unexpected", keys: ["startsecs=0"], words: "exit 3", starts: "forever" },
  { name: "killed", keys: ["startsecs=0"], words: "die KILL", starts: "forever" },
  { name: "always", keys: ["startsecs=0", "autorestart=true"], words: "exit 0", starts: "forever" },
  { name: "never", keys: ["startsecs=0", "autorestart=false"], words: "exit 1", starts: 1 },
  // A start that a busy machine holds up for startsecs would be no failure.
  { name: "gives-up", keys: ["startsecs=15"], words: "exit 1", starts: 4 },
  { name: "gives-up-soon", keys: ["startsecs=15", "startretries=1"], words: "exit 1", starts: 2 },
  { name: "off", keys: ["autostart=false"], starts: 0 },
  { name: "stopsignal", keys: ["stopsignal=USR1"] },
  { name: "deaf", keys: ["stopwaitsecs=1"], words: "deaf" },
  { name: "group", keys: ["stopasgroup=true"], words: "child" },
  {
    name: "joined",
    keys: ["redirect_stderr=true", "stdout_logfile=%(here)s/joined.out", "stdout_logfile_maxbytes=0"],
    words: "print",
  },
  {
    name: "apart",
    keys: [
      "stdout_logfile=%(here)s/apart.out",
      "stdout_logfile_maxbytes=0",
      "stderr_logfile=%(here)s/apart.err",
      "stderr_logfile_maxbytes=0",
    ],
    words: "print",
  },
];

const files = ["joined.out", "apart.out", "apart.err"];

/** Lays out the configuration and the witness. */
function layOut(rig: TestRig): { readonly configuration: string; readonly env: Record<string, string> } {
  // One of the programs is another user's.
  chmodSync(rig.root, 0o755);
  mkdirSync(rig.path("seen"));
  for (const { name } of cases) {
    writeFileSync(rig.path("seen", name), "");
    chmodSync(rig.path("seen", name), 0o666);
  }
  writeFileSync(rig.path("witness"), witness, { mode: 0o755 });
  const sections = cases.map(({ name, keys = [], words = "" }) =>
    [
      `[program:${name}]`,
      `command=%(ENV_PROGRAM)s ${name} ${words}`,
      // So that no log directory is made outside of the rig.
      ...(keys.some((key) => key.startsWith("stdout_logfile="))
        ? []
        : ["stdout_logfile=/dev/null", "stdout_logfile_maxbytes=0"]),
      ...keys,
    ].join("\n"),
  );
  const configuration = rig.path("supervisord.conf");
  const daemon = [
    "[supervisord]",
    "nodaemon=true",
    `logfile=${rig.path("supervisord.log")}`,
    `pidfile=${rig.path("supervisord.pid")}`,
    ...(isRoot ? ["user=root"] : []),
  ];
  writeFileSync(configuration, `${[daemon.join("\n"), ...sections].join("\n\n")}\n`);
  return { configuration, env: { WITNESS: rig.path("seen"), PROGRAM: rig.path("witness"), FROM_OUTSIDE: "outside" } };
}

/** What each program has seen. */
function seen(rig: TestRig): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(cases.map(({ name }) => [name, rig.read(rig.path("seen", name)).split("\n").slice(0, -1)]));
}

function startsOf(rig: TestRig, name: string): number {
  return (seen(rig)[name] ?? []).filter((line) => line.startsWith("start")).length;
}

/** Waits until each program has done what it does before the stop. */
async function untilReady(rig: TestRig, daemon: string): Promise<void> {
  let missing: readonly string[] = [];
  try {
    await rig.until(`the programs to do their work under ${daemon}`, () => {
      missing = cases.filter((one) => !isReady(rig, one)).map(({ name }) => name);
      return missing.length === 0;
    });
  } catch (error) {
    throw new Error(`missing: ${missing.join(" ")}\n${rig.describe()}`, { cause: error });
  }
}

function isReady(rig: TestRig, { name, starts, words }: Case): boolean {
  const lines = seen(rig)[name] ?? [];
  if (starts === "forever") return startsOf(rig, name) >= 3;
  if (starts !== undefined) return startsOf(rig, name) >= starts;
  if (name === "numbered") return lines.filter((line) => line === "waits").length === 2;
  return lines.includes("waits") && (words !== "child" || lines.includes("child"));
}

/** Everything that must be the same. Programs that are started again and again count as three starts. */
function observe(rig: TestRig): unknown {
  return {
    programs: Object.fromEntries(
      cases.map(({ name, starts }) => {
        const lines = seen(rig)[name] ?? [];
        return [name, starts === "forever" ? lines.slice(0, 3) : lines.toSorted()];
      }),
    ),
    files: Object.fromEntries(
      files.map((file) => [
        file,
        existsSync(rig.path(file)) ? readFileSync(rig.path(file), "utf8").split("\n").toSorted() : null,
      ]),
    ),
  };
}

async function underSupervisord(): Promise<unknown> {
  await using rig = await newRig(stock);
  const { configuration, env } = layOut(rig);
  const daemon = rig.start("supervisord", ["-c", configuration], { cwd: "/", env });
  await untilReady(rig, "supervisord");
  process.kill(daemon.pid, "SIGTERM");
  await rig.result(daemon);
  return observe(rig);
}

async function underOurs(rig: TestRig): Promise<unknown> {
  const { configuration, env } = layOut(rig);
  const imported = await rig.run("upkeep-import", ["--to", rig.services, configuration], { env });
  expect(imported.code, imported.stderr).toBe(0);
  const findings = await rig.run("sv", ["lint", rig.services], { env });
  expect(findings.code, findings.stdout).toBe(0);
  const daemon = rig.start("runsvdir", ["--orderly", rig.services], { cwd: "/", env });
  await untilReady(rig, "runsvdir");
  process.kill(daemon.pid, "SIGTERM");
  await rig.result(daemon);
  return observe(rig);
}

/** What both builds are compared with. */
let reference: Promise<unknown> | undefined;

rigTest(
  `${cases.length} programs are the same after an import`,
  ourSuites,
  async (rig) => {
    reference ??= underSupervisord();
    const [ours, theirs] = await Promise.all([underOurs(rig), reference]);
    expect(ours).toEqual(theirs);
  },
  { needs: program("supervisord", "supervisor") },
);
