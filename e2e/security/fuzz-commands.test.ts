/*
 * The commands that end by themselves, with anything in the place of each file that they use: see fuzz.test.ts.
 */
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { privateMounts, withMounts } from "../rig/core/needs.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { measured } from "../rig/process/measured.ts";
import { root } from "../rig/process/under.ts";
import { faultsOf, Outside, things } from "../rig/scripted/hostile-things.ts";

/** A command with its words, and what goes in front of it. */
type Call = readonly [words: readonly string[], under?: readonly string[], env?: Readonly<Record<string, string>>];

async function run(
  rig: TestRig,
  [[command = "", ...operands], under = [], env = {}]: Call,
): Promise<readonly string[]> {
  const answer = await measured(rig, command, operands, { under, env });
  return faultsOf([command, ...operands].join(" "), answer);
}

/** Runs groups of calls side by side, and the calls of each group one after the other. */
async function runAll(rig: TestRig, groups: readonly (readonly Call[])[]): Promise<readonly string[]> {
  const faults = groups.map(async (calls) => {
    const found: string[] = [];
    for (const call of calls) found.push(...(await run(rig, call)));
    return found;
  });
  return (await Promise.all(faults)).flat();
}

for (const [thing, make] of Object.entries(things)) {
  rigTest(
    `${thing} in the place of a file stops, fills and misleads no command that ends`,
    [standalone],
    async (rig) => {
      const outside = new Outside(rig, make);
      const faults = await runAll(rig, [
        accounting(rig, outside, thing),
        ...users(rig, outside),
        scanDirectories(rig, outside),
        enabling(rig, outside, thing),
      ]);
      expect([...faults, ...outside.changes()]).toEqual([]);
    },
    { needs: root ?? privateMounts },
  );
}

/** utmpset, with files that are mounted over the machine's. */
function accounting(rig: TestRig, outside: Outside, thing: string): readonly Call[] {
  const login = Buffer.alloc(384);
  login.write("tty1", 8);
  login.write("ann", 44);
  for (const file of ["utmp", "wtmp"]) {
    mkdirSync(rig.path(file, "run"), { recursive: true });
    mkdirSync(rig.path(file, "log"));
    writeFileSync(rig.path(file, "run/utmp"), login);
    const path = rig.path(file, file === "utmp" ? "run/utmp" : "log/wtmp");
    // Only root can make links in /var/log, and wtmp is followed as any program would do.
    const isWritten = file === "wtmp" && /root's|30 MB/.test(thing);
    if (!isWritten) outside.put(path);
  }
  return ["utmp", "wtmp"].map((file) => [
    ["utmpset", "-w", "tty1"],
    withMounts(`--bind ${rig.path(file, "run")} /run`, `--bind ${rig.path(file, "log")} /var/log`),
  ]);
}

/** setuser and chpst, with a program, a directory, and files of users and groups that somebody has replaced. */
function users(rig: TestRig, outside: Outside): readonly (readonly Call[])[] {
  for (const file of ["program", "root"]) outside.put(rig.path("users", file));
  const replaced = ["passwd", "group"].map((file): readonly Call[] => {
    const etc = rig.path(`etc-${file}`);
    mkdirSync(etc);
    for (const name of ["passwd", "group", "nsswitch.conf"]) copyFileSync(`/etc/${name}`, join(etc, name));
    outside.put(join(etc, file));
    const under = withMounts(`--bind ${etc} /etc`);
    return [
      [["chpst", "-u", file === "passwd" ? "nobody" : "nobody:nogroup", "true"], under],
      [["setuser", "nobody", "true"], under],
    ];
  });
  const others: readonly Call[] = [
    [["setuser", "nobody", rig.path("users/program")]],
    [["chpst", "-C", rig.path("users/root"), "true"]],
  ];
  return [others, ...replaced];
}

function scanDirectories(rig: TestRig, outside: Outside): readonly Call[] {
  const sites = ["current", "current.new", "previous", "two"];
  return sites.map((site) => {
    for (const name of ["one", "two"]) mkdirSync(rig.path("base", site, name), { recursive: true });
    symlinkSync("one", rig.path("base", site, "current"));
    outside.put(rig.path("base", site, site));
    return [["runsvchdir", "two"], [], { RUNSVDIR: rig.path("base", site) }];
  });
}

/** sv enable and disable; a service that is no service, and a lock that is none. */
function enabling(rig: TestRig, outside: Outside, thing: string): readonly Call[] {
  for (const file of ["down", "run", "supervise", "check"]) {
    mkdirSync(rig.path("able", file), { recursive: true });
    outside.put(rig.path("able", file, file));
  }
  mkdirSync(rig.path("locked/web"), { recursive: true });
  // A directory is a lock that another sv holds, which root's sv waits for.
  if (thing !== "a directory") outside.put(rig.path("locked/.sv.lock"));
  outside.put(rig.path("able/entry"));
  const names = ["down", "run", "supervise", "check", "entry"];
  const able = { SVDIR: rig.path("able"), SVWAIT: "1" };
  return [
    [["sv", "disable", ...names], [], able],
    [["sv", "enable", ...names], [], able],
    [["sv", "enable", ...names.map((name) => rig.path("able", name))], [], { SVDIR: rig.path("scan") }],
    [["sv", "disable", "web"], [], { SVDIR: rig.path("locked") }],
  ];
}
