/*
 * Units after an import: what they run, in which order, with what, and what stops and reloads them, as systemd would have it.
 */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** Appends its words, with those of its environment, and goes on until a signal that it tells. */
const witness = `#!/bin/sh
file=$1; shift
echo "start $*" >>"$file"
for signal in HUP TERM USR1; do trap "echo got $signal >>'$file'; [ $signal = HUP ] || exit 0" $signal; done
while :; do sleep 0.1; done
`;

function layOut(rig: TestRig, units: Readonly<Record<string, string>>): string {
  const directory = rig.path("units");
  writeFileSync(rig.path("witness"), witness, { mode: 0o755 });
  for (const [name, text] of Object.entries(units)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text.replaceAll("ROOT", rig.root));
  }
  return directory;
}

rigTest("units run in their order, read their files at each start, and stop as they say", ourSuites, async (rig) => {
  const directory = layOut(rig, {
    "first.service":
      "[Unit]\nBefore=web@80.service\n[Service]\nType=oneshot\nExecStart=-/bin/false\nExecStart=/bin/sh -c 'echo first >>ROOT/log'\n",
    "web@.service":
      '[Service]\nWorkingDirectory=ROOT\nEnvironment="WORDS=one  two" PORT=%i\nEnvironmentFile=-ROOT/env\nEnvironmentFile=-ROOT/none\n' +
      "ExecStartPre=/bin/sh -c 'echo pre $$PWD >>ROOT/log'\nExecStart=ROOT/witness ROOT/log $WORDS ${WORDS} '${PORT} $$' %n\n" +
      "ExecStop=/bin/sh -c 'echo stop $MAINPID >>ROOT/log'\nExecStopPost=/bin/sh -c 'echo post >>ROOT/log'\n" +
      "ExecReload=/bin/kill -USR1 $MAINPID\nRestart=always\nRestartSec=100ms\n",
    "web@80.service.d/more.conf": "[Service]\nEnvironmentFile=\nEnvironmentFile=-ROOT/env\nKillMode=mixed\n",
    "nightly.timer": "[Timer]\nOnCalendar=daily\n",
  });
  writeFileSync(rig.path("env"), "PORT=8080\n");
  const imported = await rig.run("upkeep-import", [
    "--to",
    rig.services,
    join(directory, "first.service"),
    join(directory, "web@80.service"),
  ]);
  expect([imported.code, imported.stderr]).toEqual([0, ""]);
  const log = (): readonly string[] => rig.read(rig.path("log")).split("\n").slice(0, -1);
  const daemon = rig.start("runsvdir", [rig.services], { cwd: "/" });
  await rig.until("web to run", () => log().length === 3);
  const pid = rig.read(join(rig.services, "web@80/supervise/pid")).trim();
  expect(log()).toEqual(["first", `pre ${rig.root}`, "start one two one  two 8080 $ web@80.service"]);

  appendFileSync(rig.path("env"), "PORT=8081\n");
  await rig.run("sv", ["hup", "web@80"]);
  await rig.until("the next start", () => log().length === 7);
  expect(log().slice(3)).toEqual([
    "got USR1",
    "post",
    `pre ${rig.root}`,
    "start one two one  two 8081 $ web@80.service",
  ]);
  const next = rig.read(join(rig.services, "web@80/supervise/pid")).trim();
  expect(next).not.toBe(pid);
  await rig.run("sv", ["down", "web@80"]);
  await rig.until("the end", () => log().length === 10);
  expect(log().slice(7)).toEqual([`stop ${next}`, "got TERM", "post"]);
  process.kill(daemon.pid, "SIGHUP");
  await rig.result(daemon);
});

rigTest("a directory of units becomes services, and each other unit gets its line", ourSuites, async (rig) => {
  const directory = layOut(rig, {
    "a.service": "[Unit]\nAfter=b.service network.target\nRequires=b.service\n[Service]\nExecStart=/bin/a\n",
    "b.service": "[Service]\nType=notify\nExecStart=/bin/b\nProtectHome=yes\n",
    "t@.service": "[Service]\nExecStart=/bin/t %i\n",
    "nightly.timer": "[Timer]\nOnCalendar=daily\n",
  });
  const { code, stdout, stderr } = await rig.run("upkeep-import", ["--to", "out", directory]);
  expect([code, rig.exists(join(rig.services, "out/a/dependencies.d/b"))]).toEqual([1, true]);
  expect(stdout).toContain("services\n  out/a\n  out/b\n");
  expect(stderr.split("\n")).toEqual([
    expect.stringContaining("a.service:3: a: Requires: it goes on when b ends; instead: "),
    expect.stringContaining("b.service:2: b: Type: nobody listens on NOTIFY_SOCKET"),
    expect.stringContaining("b.service:4: b: ProtectHome: it is not confined in this way; instead: "),
    expect.stringContaining("nightly.timer:1: a timer starts a unit at a time: let cron run it"),
    "",
  ]);
});
