/*
 * Services of `nobody` that do to everything they can reach whatever a process can do, beside ten quiet ones of root's:
 * see hostile-service.pl.
 */
import { chmodSync, copyFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { apart, asNobody, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { processState } from "../rig/process/processes.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import { sv } from "../rig/runit/sv.ts";
import type { ScriptedService, ServiceSpec } from "../rig/scripted/service.ts";

const logRun = { text: "#!/bin/sh\nexec svlogd -b 4096 ./main\n" };

/** Where the standard output of a service leads to. */
const kinds: Readonly<Record<string, ServiceSpec>> = {
  bare: {},
  prefixed: { files: { "log-prefix": "" } },
  logged: { log: { run: logRun }, files: { "log/main/config": "s1000000\nn3\n" } },
};

/** Writes numbered lines until TERM, and then says so. A bare one shares its output with everybody, and writes to a file. */
const talker = (output: string): string =>
  [
    "#!/usr/bin/perl",
    "use Cwd; my ($name) = getcwd() =~ m{([^/]+)$}; my $goes = 1; $SIG{TERM} = sub { $goes = 0 }; $| = 1;",
    output,
    'for (my $number = 1; $goes; $number++) { print "$name $$ line $number;\\n"; select(undef, undef, undef, 0.02) }',
    'print "$name $$ end;\\n";',
    "",
  ].join("\n");

function quiet(rig: TestRig, name: string, kind: string): ScriptedService {
  const output = kind === "bare" ? `open STDOUT, ">>", "${rig.path(`${name}.out`)}" or die;` : "";
  return rig.service(name, { ...kinds[kind], run: { text: talker(output) } });
}

function hostile(rig: TestRig, name: string, kind: string): ScriptedService {
  const script = rig.path("hostile.pl");
  const words = [...asNobody, "perl", script, rig.services, rig.path("done")];
  const files = { ...kinds[kind]?.files, "notification-fd": "3", "timeout-kill": "500" };
  return rig.service(name, { ...kinds[kind], files, run: { text: `#!/bin/sh\nexec ${words.join(" ")}\n` } });
}

/** What is wrong with the lines of a service that was started so many times: of each start all lines, and the end. */
function faultOf(name: string, text: string, starts: number): string | undefined {
  const lines = new Map<string, string[]>();
  for (const [, pid = "", line = ""] of text.matchAll(new RegExp(`${name} (\\d+) (line \\d+|end);`, "g"))) {
    lines.set(pid, [...(lines.get(pid) ?? []), line]);
  }
  if (lines.size !== starts) return `${name}: ${lines.size} starts`;
  for (const [pid, found] of lines) {
    const wanted = found.map((_, index) => (index === found.length - 1 ? "end" : `line ${index + 1}`));
    const at = found.findIndex((line, index) => line !== wanted[index]);
    if (at !== -1) return `${name} ${pid}: ${found[at]} instead of ${wanted[at]}`;
  }
  return undefined;
}

rigTest(
  "hostile services cost the others neither a line nor a moment",
  ourSuites,
  async (rig) => {
    copyFileSync(join(import.meta.dirname, "hostile-service.pl"), rig.path("hostile.pl"));
    writeFileSync(rig.path("done"), "");
    chmodSync(rig.path("done"), 0o666);
    const quietKinds = Object.fromEntries(
      Array.from({ length: 10 }, (_, number) => [`q${number}`, ["bare", "prefixed", "logged"][number % 3] ?? ""]),
    );
    const services = Object.entries(quietKinds).map(([name, kind]) => quiet(rig, name, kind));
    const bad = Object.keys(kinds).map((kind) => hostile(rig, `bad-${kind}`, kind));
    for (const service of bad) writeFileSync(service.file("down"), "");
    const runsvdir = startRunsvdir(rig, { under: ["sh", "-c", '"$@" | exec cat', "sh", ...apart] });
    for (const service of services) {
      await service.stat("run");
      // As delegation wants it.
      chmodSync(service.file("supervise"), 0o711);
    }
    for (const service of bad) await service.stat("down");
    const names = Object.keys(quietKinds);
    expect(await sv(rig, ["up", ...bad.map(({ name }) => name)])).toMatchObject({ code: 0 });
    await rig.until("the harm to be done", () => rig.read(rig.path("done")).split("\n").length > bad.length);

    expect(await sv(rig, ["restart", ...names])).toMatchObject({ code: 0, stderr: "" });
    expect(await sv(rig, ["stop", ...bad.map(({ name }) => name)])).toMatchObject({ code: 0, stderr: "" });
    expect(await sv(rig, ["stop", ...names])).toMatchObject({ code: 0, stderr: "" });
    expect(processState(runsvdir.pid)).not.toBe("T");
    const entries = readdirSync(rig.services).filter((name) => !name.startsWith("."));
    expect(entries.toSorted()).toEqual([...names, ...bad.map(({ name }) => name)].toSorted());

    const textOf = (name: string): string => {
      if (quietKinds[name] === "bare") return rig.read(rig.path(`${name}.out`));
      if (quietKinds[name] === "prefixed") return runsvdir.stdout();
      return rig.read(join(rig.services, name, "log/main/current"));
    };
    await rig
      .until("all lines", () => names.every((name) => faultOf(name, textOf(name), 2) === undefined), 30_000)
      .catch(() => {
        expect(names.flatMap((name) => faultOf(name, textOf(name), 2) ?? [])).toEqual([]);
      });
  },
  { needs: twoUsers },
);
