/*
 * Locks on what services hold, or anybody can open: whoever takes them holds up nobody.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { apart, asNobody, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { shellScript } from "../rig/core/files.ts";
import { ourSuites, standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import { sv } from "../rig/runit/sv.ts";

/** Standard output as a container has it, and as a log file is: two services that share it lock in different ways. */
const outputs: Readonly<Record<string, readonly string[]>> = {
  "a pipe": ["sh", "-c", '"$@" | exec cat', "sh", ...apart],
  "a file": apart,
};

const talker = { text: shellScript("while :; do echo line; sleep 0.02; done") };

function talks(rig: TestRig, ...names: readonly string[]): void {
  for (const name of names) rig.service(name, { run: talker, files: { "log-prefix": "" } });
}

/** Waits for so many more lines of each. */
async function moreLines(rig: TestRig, runsvdir: RunningCommand, ...names: readonly string[]): Promise<void> {
  const linesOf = (name: string): number => runsvdir.stdout().split(`${name} | line\n`).length - 1;
  const before = names.map(linesOf);
  await rig.until("more lines of everybody", () => names.every((name, at) => linesOf(name) >= (before[at] ?? 0) + 20));
}

for (const [output, under] of Object.entries(outputs)) {
  rigTest(
    `a service that locks the output of everybody, ${output}, silences nobody`,
    output === "a pipe" ? ourSuites : [standalone],
    async (rig) => {
      const locked = rig.path("locked");
      writeFileSync(locked, "");
      chmodSync(locked, 0o666);
      const lock = `flock 1 && echo locked >>${locked} && exec sleep 1000`;
      rig.service("culprit", { run: { text: shellScript(`exec ${asNobody.join(" ")} sh -c '${lock}'`) } });
      talks(rig, "a", "b");
      const runsvdir = startRunsvdir(rig, { under });
      await rig.until("the lock", () => rig.read(locked) !== "");
      await moreLines(rig, runsvdir, "a", "b");
      // Its lock outlives it: the open file belongs to everybody.
      expect(await sv(rig, ["-w", "60", "stop", "culprit"])).toMatchObject({ code: 0 });
      expect(await sv(rig, ["restart", "a"])).toMatchObject({ code: 0 });
      await moreLines(rig, runsvdir, "a", "b");
    },
    { needs: twoUsers },
  );
}

rigTest(
  "a user who locks the scan directory, and each service directory, silences nobody",
  ourSuites,
  async (rig) => {
    talks(rig, "a", "b");
    const runsvdir = startRunsvdir(rig, { under: outputs["a pipe"] ?? [] });
    await moreLines(rig, runsvdir, "a", "b");
    const words = [rig.services, ...["a", "b"].map((name) => rig.path("service", name))].flatMap((path) => [
      "flock",
      path,
    ]);
    const holder = rig.start("sh", ["-c", "echo locked; exec sleep 1000"], { under: [...asNobody, ...words] });
    await rig.until("the locks", () => holder.stdout() === "locked\n");
    await moreLines(rig, runsvdir, "a", "b");
    talks(rig, "c");
    await moreLines(rig, runsvdir, "a", "b", "c");
    expect(await sv(rig, ["restart", "a"])).toMatchObject({ code: 0 });
    await moreLines(rig, runsvdir, "a", "b", "c");
  },
  { needs: twoUsers },
);
