/* Scripts that cannot be started: the messages, and that a repair is enough to start them. */
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";

interface Fault {
  readonly what: string;
  /** Puts something unusable in the place of a script. */
  readonly make: (path: string) => void;
  readonly reason: string;
  /** What ours adds in a line of its own. */
  readonly advice?: string;
}

const file =
  (text: string, mode = 0o755) =>
  (path: string): void => {
    writeFileSync(path, text);
    chmodSync(path, mode);
  };

const faults: readonly Fault[] = [
  { what: "is missing", make: () => {}, reason: "file does not exist" },
  { what: "is a link to nowhere", make: (path) => symlinkSync("nowhere", path), reason: "file does not exist" },
  { what: "is a link to itself", make: (path) => symlinkSync("run", path), reason: "symbolic link loop" },
  {
    what: "is not executable",
    make: file("#!/bin/sh\n", 0o644),
    reason: "access denied",
    advice: "it is not executable: chmod +x SCRIPT",
  },
  { what: "is a directory", make: (path) => mkdirSync(path), reason: "access denied" },
  {
    what: "is empty",
    make: file(""),
    reason: "exec format error",
    advice: 'it neither is a program nor begins with "#!", as in "#!/bin/sh"',
  },
  {
    what: "does not begin with #!",
    make: file("exec sleep 600\n"),
    reason: "exec format error",
    advice: 'it neither is a program nor begins with "#!", as in "#!/bin/sh"',
  },
  {
    what: "has lines that end in CR LF",
    make: file("#!/bin/sh\r\nexec sleep 600\r\n"),
    reason: "file does not exist",
    advice: String.raw`its interpreter "/bin/sh\r" does not exist: its lines end in CR LF, make them end in LF`,
  },
  {
    what: "is a program for another machine",
    make: (path) => {
      const program = readFileSync("/bin/true");
      // e_machine of the ELF header: SPARC V9.
      program.writeUInt16LE(43, 18);
      writeFileSync(path, program, { mode: 0o755 });
    },
    reason: "exec format error",
    advice: `it is a program for sparc64, and this machine is ${process.arch}`,
  },
  {
    what: "names an interpreter that is not there",
    make: file("#!/opt/bin/sh -e\n"),
    reason: "file does not exist",
    advice: 'its interpreter "/opt/bin/sh" does not exist',
  },
];

/** The advice on a script, which names the file. */
function adviceOn(name: string, advice: string | undefined): string {
  return (advice ?? "").replace("SCRIPT", name.slice(name.lastIndexOf("/") + 1));
}

/** The lines that it has written, each once: it tries again every second. */
function saidBy(runsv: RunningCommand): readonly string[] {
  return [
    ...new Set(
      runsv
        .stderr()
        .split("\n")
        .filter((line) => line !== ""),
    ),
  ];
}

for (const { what, make, reason, advice } of faults) {
  rigTest(`says why a run that ${what} does not start, and starts it once it is repaired`, allSuites, async (rig) => {
    const web = rig.service("web", { run: "absent", finish: ["exit 0"] });
    make(web.run.path);
    const runsv = await rig.runsv(web);
    expect((await web.finish.started()).argv.slice(1, 3)).toEqual(["111", "0"]);
    const warnings =
      rig.suite.ours && advice !== undefined ? [`runsv web: warning: ./run: ${adviceOn("run", advice)}`] : [];
    expect(saidBy(runsv)).toEqual([`runsv web: fatal: unable to start ./run: ${reason}`, ...warnings]);
    rmSync(web.run.path, { recursive: true, force: true });
    web.run.install([]);
    await web.run.started();
    await web.stat("run");
  });
}

rigTest("starts a program that was just being written as soon as it is complete", allSuites, async (rig) => {
  const web = rig.service("web", { finish: ["exit 0"] });
  const fd = openSync(web.run.path, "r+");
  try {
    const runsv = await rig.runsv(web);
    await web.finish.started();
    expect(saidBy(runsv)).toEqual(["runsv web: fatal: unable to start ./run: text busy"]);
  } finally {
    closeSync(fd);
  }
  await web.run.started();
});

for (const { what, make, reason, advice } of faults.filter((fault) => fault.advice !== undefined)) {
  rigTest(`says why a finish or a log/run that ${what} does not start`, ourSuites, async (rig) => {
    const web = rig.service("web", { run: ["exit 0"], log: { run: "absent" } });
    make(web.finish.path);
    make(web.log.run.path);
    const runsv = await rig.runsv(web);
    await web.run.started(2);
    const lines = runsv.stderr().split("\n");
    for (const name of ["./finish", "log/./run"]) {
      expect(lines).toContain(`runsv web: fatal: unable to start ${name}: ${reason}`);
      expect(lines).toContain(`runsv web: warning: ${name}: ${adviceOn(name, advice)}`);
    }
  });
}

rigTest("takes flag files that are links to themselves for files that are not there", ourSuites, async (rig) => {
  const web = rig.service("web");
  for (const name of ["down", "no-setsid", "flag-keep-leftovers", "flag-kill-orphans"])
    symlinkSync(name, web.file(name));
  const runsv = await rig.runsv(web);
  const { pid, pgid } = await web.run.started();
  expect(pgid).toBe(pid);
  expect(runsv.stderr()).toBe("");
});
