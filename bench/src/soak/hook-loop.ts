import { mkdir, open, writeFile } from "node:fs/promises";
import { constants } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { serviceDirectory } from "../suites/scan-directory.ts";
import type { Suite } from "../suites/suite.ts";
import { Trial } from "../trial/trial.ts";
import { announcing } from "../trial/tree.ts";
import type { SoakOptions } from "./options.ts";
import type { Stage } from "./sample.ts";
import { takeStages } from "./stages.ts";

/** Commands that may be on their way at a time. */
const window = 32;

/**
 * Lets one runsv start and reap children as fast as it can, and looks at what it takes meanwhile.
 *
 * Its service may start once a second only, but the script `control/h` that replaces a signal is run
 * for every command.
 */
export async function hookLoop(suite: Suite, { hooks, longest }: SoakOptions): Promise<readonly Stage[]> {
  await using trial = await Trial.layOut(suite, 1);
  const [name = ""] = trial.names;
  const directory = serviceDirectory(trial.tree, name);
  await mkdir(join(directory, "control"));
  await writeFile(join(directory, "control/h"), announcing(trial.tree.announce, "hook"), { mode: 0o755 });
  trial.start();
  await trial.allStarted();
  await sleep(3000);
  const [, ...processes] = trial.supervisors();
  const done = (): number => trial.announcements.all.length - 1;
  const commands = new AbortController();
  const [stages] = await Promise.all([
    takeStages({ done, total: hooks, processes, end: performance.now() + longest }).finally(() => commands.abort()),
    sendCommands(join(directory, "supervise/control"), hooks, done, commands.signal),
  ]);
  return stages;
}

async function sendCommands(fifo: string, total: number, done: () => number, signal: AbortSignal): Promise<void> {
  await using control = await open(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  for (let sent = 0; sent < total && !signal.aborted;) {
    const count = Math.min(window - (sent - done()), total - sent);
    if (count > 0) {
      await control.write("h".repeat(count));
      sent += count;
    }
    await sleep(2);
  }
}
