import { constants, mkdirSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Suite } from "../suites.ts";
import { Trial } from "../trial/trial.ts";
import { type Stage, takeStages } from "./stages.ts";

/** The samples begin after this time, in ms: what a runtime needs once, for its first children, is no growth. */
const settling = 3000;

/**
 * Lets services exit at once, again and again, and takes samples of their runsv meanwhile.
 *
 * runit's rules allow each service one start in a second, so there are many at a time.
 */
export async function crashLoop(
  suite: Suite,
  services: number,
  restarts: number,
  longest: number,
): Promise<readonly Stage[]> {
  await using trial = new Trial(suite, services, () => "exit 1");
  trial.start();
  await trial.allStarted();
  await sleep(settling);
  const processes = ofServices(trial);
  const started = trial.announcements.all;
  const before = started.length;
  const stages = await takeStages({ done: () => started.length - before, total: restarts, processes, longest });
  verifyShares(started.map(({ name }) => name));
  return stages;
}

/** The supervisors of the services: the scanner where it is that itself. */
function ofServices(trial: Trial): readonly number[] {
  const [scanner = 0, ...others] = trial.supervisors();
  // There a service that has not told its pid yet would count as one.
  return trial.suite.name.endsWith("-inline") ? [scanner] : others;
}

/** Throws when a service was started much less often than another: it must have been forgotten for a while. */
function verifyShares(names: readonly string[]): void {
  const counts = [...Map.groupBy(names, (name) => name).values()].map(({ length }) => length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least < most * 0.9 - 2) throw new Error(`one service was started ${least} times, another ${most} times`);
}

/** Commands that may be on their way at a time. */
const window = 32;

/**
 * Lets one runsv start and reap children as fast as it can, and takes samples of it meanwhile.
 *
 * Its service may start once a second only, but the script `control/h` that replaces a signal is run for every command.
 */
export async function hookLoop(suite: Suite, hooks: number, longest: number): Promise<readonly Stage[]> {
  await using trial = new Trial(suite, 1);
  const directory = trial.tree.service(trial.names[0] ?? "");
  mkdirSync(join(directory, "control"));
  writeFileSync(join(directory, "control/h"), trial.tree.announcing("hook"), { mode: 0o755 });
  trial.start();
  await trial.allStarted();
  await sleep(settling);
  const processes = ofServices(trial);
  const done = (): number => trial.announcements.all.length - 1;
  const commands = new AbortController();
  const [stages] = await Promise.all([
    takeStages({ done, total: hooks, processes, longest }).finally(() => commands.abort()),
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
