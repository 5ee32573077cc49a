import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { probe, send, type Service } from "../service/client.ts";
import type { ControlTask } from "../core/commands.ts";
import { type Pending, reportGone, waitForAll } from "./waiter.ts";

/** Whether and how long to wait. */
export interface Waiting {
  readonly waits: boolean;
  readonly seconds: number;
}

/**
 * Sends the commands of a task to all services in turn, and then waits for all of them together.
 *
 * @returns how many failures there were.
 */
export async function controlServices(
  services: readonly Service[],
  task: ControlTask,
  { waits, seconds }: Waiting,
): Promise<number> {
  let failures = 0;
  const pending: Pending[] = [];
  for (const service of services) {
    const outcome = sendTask(service, task);
    if (typeof outcome === "number") failures += outcome;
    else pending.push(outcome);
  }
  return waits ? failures + (await waitForAll(pending, task, seconds)) : failures;
}

/** Sends the task's commands to one service; a number where that ended it: of failures. */
function sendTask(service: Service, task: ControlTask): Pending | number {
  const found = probe(service);
  if (found.kind !== "supervised") return reportGone(service, found, task);
  const { path, record } = found;
  const pending: Pending = { service, path, sent: { at: wallTime(), before: record } };
  if (task.commands.length === 0 || isStopping(record, task)) return pending;
  const refused = send(path, task.commands);
  return refused === null ? pending : reportGone(service, refused, task);
}

/** A second TERM for a service that is stopping already is spared, as by runit. */
function isStopping(record: StatusRecord, { commands }: ControlTask): boolean {
  return commands[0] === "down" && record.want === "down" && record.gotTerm;
}

function wallTime(): WallTime {
  const millis = Date.now();
  return { seconds: Math.floor(millis / 1000), nanoseconds: (millis % 1000) * 1_000_000 };
}
