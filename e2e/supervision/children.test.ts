/* What the children of runsv inherit, beyond the lines of the checklist. */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import { ignoring } from "../rig/process/under.ts";

// In a child of posix_spawn, glibc ignores its two internal signals, 32 and 33: nobody can send them by mistake.
const internalSignals = 0x1_8000_0000n;

rigTest("resets signals that were ignored when runsv was started", ourSuites, async (rig) => {
  const web = rig.service("web", { finish: [], control: { u: ["exit 0"] }, log: {} });
  await rig.runsv(web, { under: ignoring("HUP", "INT", "QUIT", "PIPE", "USR1", "TERM") });
  await web.run.started();
  await web.run.exit(0);
  for (const program of [web.control("u"), web.run, web.finish, web.log.run]) {
    const { ignoredSignals, blockedSignals } = await program.started();
    expect([program.role, BigInt(`0x${ignoredSignals}`) & ~internalSignals]).toEqual([program.role, 0n]);
    expect([program.role, BigInt(`0x${blockedSignals}`)]).toEqual([program.role, 0n]);
  }
});

rigTest("passes on the umask and its parent's limits", allSuites, async (rig) => {
  const shown = "#!/bin/sh\numask\nulimit -S -n\nulimit -S -c\nexec sleep 60\n";
  const web = rig.service("web", { run: { text: shown } });
  // The shell stays: the parent's soft limit counts, because a runtime has raised the limit of runsv.
  const parent = ["sh", "-c", 'umask 027; ulimit -S -n 123; ulimit -S -c 0; "$@"; exit', "sh"];
  const shell = await rig.runsv(web, { under: parent });
  await rig.until("three lines", () => shell.stdout() === "0027\n123\n0\n");
});

rigTest("gives every start the same three descriptors, whatever the runtime opens", allSuites, async (rig) => {
  const web = rig.service("web", { log: {} });
  await rig.runsv(web);
  const first = await web.run.started();
  await web.run.exit(0);
  const second = await web.run.started(2);
  expect(second.fds).toEqual(first.fds);
});
