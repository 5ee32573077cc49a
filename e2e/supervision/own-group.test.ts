/*
 * Programs that make a session or a process group of their own, and cannot as the leader of one: setsid(1) forks then,
 * setsid(2) and setpgid(2) fail. They are supervised as under runit, and what they leave behind is ended all the same.
 */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { isAlive, signalProcess } from "../rig/process/processes.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { sv } from "../rig/runit/sv.ts";

interface Case {
  readonly what: string;
  /** Notes in `starts` that it works, and in `children` a child that lives on. */
  readonly text: string;
  readonly needs?: string | undefined;
}

const perl = (...lines: readonly string[]): string =>
  [
    "#!/usr/bin/perl",
    "use POSIX ();",
    "sub note { open(my $file, '>>', shift) or die; print $file \"$_[0]\\n\"; close($file) }",
    "sub work { note('starts', $$); note('children', $_) if $_ = fork(); sleep 1000 while 1 }",
    ...lines,
    "",
  ].join("\n");

const worker = "echo $$ >>starts; sleep 1000 & echo $! >>children; exec sleep 1000";

const cases: readonly Case[] = [
  { what: "exec setsid", text: `#!/bin/sh\nexec setsid sh -c '${worker}'\n` },
  { what: "exec of a wrapper, then setsid", text: `#!/bin/sh\nexec env A=1 nice setsid sh -c '${worker}'\n` },
  { what: "setsid in the middle", text: `#!/bin/sh\nsetsid true\n${worker}\n` },
  {
    what: "pgrphack",
    text: `#!/bin/sh\nexec pgrphack sh -c '${worker}'\n`,
    needs: program("pgrphack", "daemontools"),
  },
  { what: "chpst -P", text: `#!/bin/sh\nexec chpst -P sh -c '${worker}'\n` },
  { what: "setpgid(2) at once", text: perl("POSIX::setpgid(0, 0) or exit 1;", "work();") },
  // Nothing in the text of the script tells.
  { what: "setpgid(2) later", text: perl("sub main { POSIX::setpgid(0, 0) or exit 1; work() }", "main();") },
  { what: "setsid(2) later", text: perl("sub main { POSIX::setsid() == -1 and exit 1; work() }", "main();") },
  {
    what: "Python's os.setpgrp()",
    text: [
      "#!/usr/bin/env python3",
      "import os, time",
      "def main():",
      "    os.setpgrp()",
      "    open('starts', 'a').write('%d\\n' % os.getpid())",
      "    child = os.fork()",
      "    if child: open('children', 'a').write('%d\\n' % child)",
      "    while True: time.sleep(1000)",
      "main()",
      "",
    ].join("\n"),
    needs: program("python3", "python3"),
  },
];

for (const { what, text, needs } of cases) {
  rigTest(
    `${what}: one copy works, is restarted, and is stopped`,
    allSuites,
    async (rig) => {
      const web = rig.service("web", { run: { text } });
      const runsv = await rig.runsv(web);
      const first = await working(rig, web, 1);
      expect((await sv(rig, ["restart", "web"])).code).toBe(0);
      const second = await working(rig, web, 2);
      expect(isAlive(first.pid)).toBe(false);
      if (rig.suite.ours) expect(isAlive(first.child)).toBe(false);
      expect((await sv(rig, ["exit", "web"])).code).toBe(0);
      expect((await rig.result(runsv)).code).toBe(0);
      expect(isAlive(second.pid)).toBe(false);
      if (rig.suite.ours) expect(isAlive(second.child)).toBe(false);
      expect(numbers(rig, web, "starts")).toEqual([first.pid, second.pid]);
    },
    { needs },
  );

  rigTest(
    `${what}: it is adopted, and what it leaves is ended`,
    ourSuites,
    async (rig) => {
      const web = rig.service("web", { run: { text } });
      const runsv = await rig.runsv(web);
      const first = await working(rig, web, 1);
      await rig.until("the state to be on record", () => web.supervise.isOnRecord());
      runsv.kill("SIGKILL");
      await rig.result(runsv);
      await rig.runsv(web);
      await web.stat("run");
      expect(web.supervise.pid()).toBe(first.pid);
      signalProcess(first.pid, "SIGKILL");
      const second = await working(rig, web, 2);
      expect(isAlive(first.child)).toBe(false);
      expect((await sv(rig, ["stop", "web"])).code).toBe(0);
      expect([second.pid, second.child].map(isAlive)).toEqual([false, false]);
      expect(numbers(rig, web, "starts")).toEqual([first.pid, second.pid]);
    },
    { needs },
  );
}

/** The copy of that number, which is the process that runsv supervises, and its child. */
async function working(rig: TestRig, web: ScriptedService, count: number): Promise<{ pid: number; child: number }> {
  return await rig.until(`copy ${count}`, () => {
    const [pids, children] = [numbers(rig, web, "starts"), numbers(rig, web, "children")];
    const [pid, child] = [pids[count - 1] ?? 0, children[count - 1] ?? 0];
    return children.length === count && web.supervise.pid() === pid && { pid, child };
  });
}

function numbers(rig: TestRig, web: ScriptedService, file: string): readonly number[] {
  return rig.read(web.file(file)).split("\n").filter(Boolean).map(Number);
}
