import { readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";

import { processInfo } from "@upkeep/linux/process/process-info";
import { afterAll, expect, test } from "vitest";

import { LookBehind } from "../../src/engine/left-behind.ts";
import { startChildren, type Child } from "../helpers/child.ts";
import { makeDirectories } from "../helpers/directories.ts";
import { until } from "../helpers/until.ts";

const children = startChildren();
const directories = makeDirectories("left-behind");
const orphans: number[] = [];
afterAll(() => {
  for (const pid of orphans) process.kill(pid, "SIGKILL");
  children.end();
  directories.remove();
});

/** Lets a shell put a program into the background that has left everything of the service. */
async function startOrphan(program: string): Promise<{ readonly parent: Child; readonly pid: number }> {
  const parent = children.start(`echo $$; setsid ${program} 1000 >/dev/null & echo $!`);
  await until(() => parent.text().split("\n").length === 3 && parent.hasEnded());
  const pid = Number(parent.text().split("\n")[1]);
  orphans.push(pid);
  await until(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === basename(program));
  return { parent, pid };
}

test("an orphan is known by its name in the text of run, but not by that of the interpreter", async () => {
  const { path, directory, write } = directories.make();
  const name = `bg-${process.pid}`;
  const program = join(path, name);
  symlinkSync("/bin/sleep", program);
  const startTicks = processInfo("self")?.startTicks ?? 0;
  const { parent, pid } = await startOrphan(program);
  const look = new LookBehind(directory, null);
  const run = { pid: parent.pid, group: parent.pid, startTicks };
  write("run", `#!${program}\n`);
  expect(look.find(run)).toMatchObject({ found: null });
  write("run", `#!/bin/sh\nexec ${program} --daemon\n`);
  expect(look.find(run)).toMatchObject({ found: { pid, name }, leadsSession: true });
});
