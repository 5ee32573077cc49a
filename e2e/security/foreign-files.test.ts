/*
 * What is no file of its operator in the place of one, laid by another user: no command waits for it or reads it
 * without end.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { asItsUser, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { limit } from "../rig/process/under.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { log } from "../rig/runit/svlogd.ts";

/** Seconds of the processor, for a command that reads without end. */
const shortly = limit("-t 3");

/** What another user, to whom the directory belongs, does to make a file. */
const things: Readonly<Record<string, string>> = {
  "a FIFO": "mkfifo",
  "a link to /dev/zero": "ln -s /dev/zero",
};

for (const [thing, make] of Object.entries(things)) {
  rigTest(
    `svlogd takes ${thing} for no config, and logs`,
    ourSuites,
    async (rig) => {
      const directory = logDirectory(rig);
      await asItsUser(rig, directory.path, `${make} config`);
      const { code, stderr } = await log(rig, "line\n", ["log"], { under: shortly });
      expect([code, stderr]).toEqual([0, "svlogd: warning: unable to read config: log: not a regular file\n"]);
      expect(directory.current()).toBe("line\n");
    },
    { needs: twoUsers },
  );
}

rigTest(
  "chpst runs nothing with a variable that never ends",
  ourSuites,
  async (rig) => {
    mkdirSync(rig.path("env"));
    await asItsUser(rig, rig.path("env"), "echo value >GOOD; ln -s /dev/zero NAME");
    const { code, stdout, stderr } = await rig.run("chpst", ["-e", rig.path("env"), "env"], { under: shortly });
    expect([code, stdout, stderr]).toEqual([
      111,
      "",
      `chpst: fatal: unable to read ${rig.path("env/NAME")}: file too big\n`,
    ]);
  },
  { needs: twoUsers },
);

rigTest("chpst follows the links of a volume to its variables", ourSuites, async (rig) => {
  mkdirSync(rig.path("env/..data"), { recursive: true });
  writeFileSync(rig.path("env/..data/NAME"), "value\n");
  symlinkSync("..data/NAME", rig.path("env/NAME"));
  const { code, stdout } = await rig.run("chpst", ["-e", rig.path("env"), "sh", "-c", "echo $NAME"]);
  expect([code, stdout]).toEqual([0, "value\n"]);
});
