/*
 * The journal of svlogd lies where everybody may write: a name there that somebody has taken is told of, or taken back.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { asNobody, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { nobody } from "../rig/process/under.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { feedAndSee, type Logger, startLogger } from "../rig/runit/svlogd.ts";

/** Prefix that runs a command with a /dev/shm of its own, in which another user has been before. */
function afterwards(squatter: readonly string[], directory: string, rest: readonly string[] = []): readonly string[] {
  // Paths that are relative to the working directory lead around the mount.
  const script = `mount -t tmpfs none /dev/shm && ${squatter.join(" ")} mkdir -m 777 /dev/shm/${directory} && exec "$@"`;
  return ["unshare", "--mount", "sh", "-c", script, "sh", ...rest];
}

function sharedMemoryOf(logger: Logger): string {
  return `/proc/${logger.command.pid}/root/dev/shm`;
}

rigTest(
  "root's svlogd gets a directory of root's, whoever has taken its name",
  ourSuites,
  async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig, ["log"], { under: afterwards(asNobody, "upkeep-svlogd-0") });
    await feedAndSee(rig, logger, directory, "line\n");
    const own = join(sharedMemoryOf(logger), "upkeep-svlogd-0");
    expect([statSync(own).uid, statSync(own).mode & 0o777, readdirSync(own).length]).toEqual([0, 0o700, 1]);
    expect(await logger.finish()).toMatchObject({ code: 0, stderr: "" });
  },
  { needs: twoUsers },
);

rigTest(
  "svlogd of a user whose name is taken says so once, and logs",
  ourSuites,
  async (rig: TestRig) => {
    const [first, second] = [logDirectory(rig), logDirectory(rig, "second")];
    for (const { path } of [first, second]) await rig.run("chown", [`${nobody}`, path]);
    const name = `upkeep-svlogd-${nobody}`;
    const logger = await startLogger(rig, ["log", "second"], { under: afterwards([], name, asNobody) });
    await feedAndSee(rig, logger, first, "line\n");
    logger.kill("SIGHUP");
    await feedAndSee(rig, logger, second, "next\n");
    expect(readdirSync(join(sharedMemoryOf(logger), name))).toEqual([]);
    const { code, stderr } = await logger.finish();
    expect([code, stderr]).toEqual([
      0,
      `svlogd: warning: unable to open journal: /dev/shm/${name}: permission denied, lines in memory will not outlive this process\n`,
    ]);
  },
  { needs: twoUsers },
);
