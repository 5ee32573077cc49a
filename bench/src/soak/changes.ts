import { constants, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Suite } from "../suites.ts";
import { isAlive } from "../trial/processes.ts";
import { Trial } from "../trial/trial.ts";
import { type Stage, takeStages } from "./stages.ts";

/** As in children.ts. */
const settling = 3000;
/** Time after the end in which a supervisor comes to rest, in ms. */
const rest = 15_000;
/** Bytes of a write. */
const block = 4096;
/** `x` would end the supervisor of the service, which then is not there for a second. */
const exit = "x".charCodeAt(0);

/** Sends random bytes to the control FIFO of one service, and takes samples of the process that reads them. */
export async function controlFlood(suite: Suite, bytes: number, longest: number): Promise<readonly Stage[]> {
  await using trial = await Trial.running(suite, 1);
  await sleep(settling);
  // The last one is the supervisor of the service: where all are in one process, that one.
  const processes = trial.supervisors().slice(-1);
  // Opened for both ends: the FIFO stays when nobody reads it.
  const path = join(trial.tree.service(trial.names[0] ?? ""), "supervise/control");
  await using fifo = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
  let sent = 0;
  let isOver = false;
  const send = async (): Promise<void> => {
    while (sent < bytes && !isOver) {
      const random = crypto.getRandomValues(new Uint8Array(Math.min(block, bytes - sent)));
      for (const [at, byte] of random.entries()) if (byte === exit) random[at] = 0;
      sent += await fifo.write(random).then(
        ({ bytesWritten }) => bytesWritten,
        () => 0,
      );
      await sleep(1);
    }
  };
  const work = { done: () => sent, total: bytes, processes, longest, rest };
  const [stages] = await Promise.all([takeStages(work).finally(() => (isOver = true)), send()]);
  return stages;
}

/** How many directories come and go at a time. */
const batch = 50;

/** Has service directories come and go beside one that stays, and takes samples of the scanner. */
export async function comeAndGo(suite: Suite, directories: number, longest: number): Promise<readonly Stage[]> {
  await using trial = await Trial.running(suite, 1);
  await sleep(settling);
  const processes = trial.supervisors().slice(0, 1);
  let gone = 0;
  let isOver = false;
  const work = { done: () => gone, total: directories, processes, longest, rest };
  const change = async (): Promise<void> => {
    while (gone < directories && !isOver) {
      const names = Array.from({ length: batch }, (_, index) => `s-${gone + index}`);
      await showBatch(trial, names);
      gone += names.length;
    }
  };
  const [stages] = await Promise.all([takeStages(work).finally(() => (isOver = true)), change()]);
  trial.verifyStarts(() => 1);
  return stages;
}

/** Puts services into the scan directory, waits for their starts, takes them out again, and waits for their ends. */
async function showBatch(trial: Trial, names: readonly string[]): Promise<void> {
  const starts = names.map((name) => trial.nextStart(name));
  for (const name of names) trial.suite.prepare(trial.tree, name)(trial.environment);
  await Promise.all(starts);
  const pids = names.map((name) => trial.pidOf(name));
  for (const name of names) renameSync(trial.tree.service(name), join(trial.tree.staging, name));
  while (pids.some(isAlive)) await sleep(10);
  // The supervisor writes there until it has ended.
  const patiently = { recursive: true, maxRetries: 100, retryDelay: 20 } as const;
  for (const name of names) rmSync(join(trial.tree.staging, name), patiently);
}
