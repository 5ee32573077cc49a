/*
 * The same Procfile under foreman and, after `upkeep import`, under runsvdir: what the processes see, and what they get when
 * everything stops.
 */
import { writeFileSync } from "node:fs";

import { expect } from "vitest";

import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { ourSuites, stock } from "../rig/core/suites.ts";
import { newRig, type TestRig } from "../rig/core/test-rig.ts";

/** Tells into the file of its name what it sees, and of TERM. */
const witness = `#!/bin/sh
file=$SEEN/$1; shift
echo "in \${PWD##*/}, PORT=$PORT, GREETING=$GREETING, OTHER=$OTHER" >>"$file"
printf '<%s>' "$@" >>"$file"; echo >>"$file"
trap "echo got TERM >>'$file'; exit 0" TERM
echo waits >>"$file"
while :; do sleep 0.1; done
`;

const procfile = `# processes
web: exec ./witness web "a  b" $((1 + 1)) $PORT *.none
worker: X=1 exec ./witness worker 'it'"'"'s' \${X:-unset}
clock:   exec ./witness clock $GREETING
`;
const names = ["web", "worker", "clock"];

function layOut(rig: TestRig): Record<string, string> {
  writeFileSync(rig.path("witness"), witness, { mode: 0o755 });
  writeFileSync(rig.path("Procfile"), procfile);
  writeFileSync(rig.path(".env"), "GREETING='hello world'\nOTHER=1\n");
  return { SEEN: rig.root };
}

/** What each process has told. */
function seen(rig: TestRig): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    names.map((name) => {
      const lines = rig.exists(rig.path(name)) ? rig.read(rig.path(name)).split("\n").slice(0, -1) : [];
      return [
        name,
        lines.map((line) => line.replace(`in ${rig.root.replace(/^.*\//, "")},`, "in the directory,")).toSorted(),
      ];
    }),
  );
}

async function observe(rig: TestRig, daemon: { readonly pid: number }): Promise<unknown> {
  await rig.until("all to run", () => Object.values(seen(rig)).every((lines) => lines.includes("waits")));
  process.kill(daemon.pid, "SIGTERM");
  await rig.until("all to be told", () => Object.values(seen(rig)).every((lines) => lines.includes("got TERM")));
  return seen(rig);
}

async function underForeman(): Promise<unknown> {
  await using rig = await newRig(stock);
  const env = layOut(rig);
  const daemon = rig.start("foreman", ["start", "-f", rig.path("Procfile")], { cwd: rig.root, env });
  return await observe(rig, daemon);
}

let reference: Promise<unknown> | undefined;

rigTest(
  "a Procfile is the same as under foreman",
  ourSuites,
  async (rig) => {
    reference ??= underForeman();
    const env = layOut(rig);
    const imported = await rig.run("upkeep-import", ["--to", rig.services, rig.path("Procfile")], { env });
    expect(imported.code, imported.stderr).toBe(0);
    const daemon = rig.start("runsvdir", ["--orderly", rig.services], { cwd: "/", env });
    const [ours, theirs] = await Promise.all([observe(rig, daemon), reference]);
    expect(ours).toEqual(theirs);
  },
  { needs: program("foreman", "ruby-foreman") },
);
