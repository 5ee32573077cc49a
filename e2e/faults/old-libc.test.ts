/* A C library older than glibc 2.29: it has no posix_spawn_file_actions_addfchdir_np. */
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { allSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";

/** A copy of this machine's C library without that name, for everything that is started with the environment. */
function withoutTheName(rig: TestRig): Readonly<Record<string, string>> {
  const maps = readFileSync("/proc/self/maps", "utf8");
  const libc = /\/\S*\/libc\.so\.6$/m.exec(maps)?.[0];
  if (libc === undefined) throw new Error("this Node has no libc.so.6");
  const bytes = readFileSync(libc);
  const name = bytes.indexOf("\0posix_spawn_file_actions_addfchdir_np\0", 0, "latin1");
  // Absent, the library is an old one, and the test is right as it is.
  if (name !== -1) bytes.write("X", name + 1, "latin1");
  const directory = rig.path("lib");
  mkdirSync(directory);
  writeFileSync(`${directory}/libc.so.6`, bytes, { mode: 0o755 });
  return { LD_LIBRARY_PATH: directory };
}

rigTest("a C library without addfchdir_np starts services in their directories", allSuites, async (rig) => {
  const web = rig.service("web", { finish: ["exit 0"], log: { run: ["exit-on TERM"] } });
  const runsvdir = startRunsvdir(rig, { env: withoutTheName(rig) });
  const run = await web.run.started();
  const log = await web.log.run.started();
  expect(readFileSync(`/proc/${run.pid}/maps`, "utf8")).toContain(rig.path("lib", "libc.so.6"));
  const directories = [run.pid, log.pid, runsvdir.pid].map((pid) => readlinkSync(`/proc/${pid}/cwd`));
  expect(directories).toEqual([web.path, web.file("log"), rig.root]);

  // Each start comes from the same place, so nothing was left behind by the one before.
  await web.run.die("KILL");
  const second = await web.run.started(2);
  expect(readlinkSync(`/proc/${second.pid}/cwd`)).toBe(web.path);
  expect(web.finish.starts()[0]).toMatchObject({ cwd: web.path });
  expect(runsvdir.stderr()).toBe("");
});
