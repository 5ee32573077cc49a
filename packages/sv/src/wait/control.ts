import { fstatSync } from "node:fs";

import type { ControlTask } from "@upkeep/client/core/commands";
import { type Outcome, renderGone, renderTrouble } from "@upkeep/client/core/report";
import { probe, send, type Service, troubleOf, type Unsupervised } from "@upkeep/client/service/client";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { type Baseline, concernReadiness } from "../core/goals.ts";
import { beginWait } from "../core/wait.ts";
import { describeForOutcome, say } from "../show/console.ts";
import { systemPorts } from "./ports.ts";
import { type Ending, type Located, waitFor } from "./wait-for.ts";

/** Whether and how long to wait. */
export interface Waiting {
  readonly waits: boolean;
  readonly seconds: number;
}

/** A service that has been sent the commands of a task. */
interface Pending {
  readonly service: Located;
  readonly baseline: Baseline;
}

/**
 * Sends the commands of a task to all services in turn. Then waits until all of its goals are reached at each of
 * them, all at the same time, and says so of each as soon as it is.
 *
 * @returns how many failures there were.
 */
export async function controlServices(
  services: readonly Service[],
  task: ControlTask,
  { waits, seconds }: Waiting,
): Promise<number> {
  const sent = services.map((service) => sendTask(service, task));
  const failures = sent.filter((one) => typeof one === "number");
  if (waits) {
    const pending = sent.filter((one) => typeof one !== "number");
    const begin = performance.now();
    failures.push(...(await Promise.all(pending.map(async (one) => await awaitGoals(one, task, begin, seconds)))));
  }
  return failures.reduce((sum, count) => sum + count, 0);
}

/** Sends the task's commands to one service; the number of failures where that has settled it. */
function sendTask(service: Service, task: ControlTask): Pending | number {
  const found = probe(service);
  if (found.kind !== "supervised") return reportUnsupervised(service, found, task);
  const { path, record } = found;
  const pending: Pending = { service: { ...service, path }, baseline: { at: wallTime(), before: record } };
  if (task.commands.length === 0 || isStopping(record, task)) return pending;
  const refused = send(path, task.commands);
  return refused === null ? pending : reportUnsupervised(service, refused, task);
}

/** Like runit's sv, does not send a second TERM to a service that is already stopping. */
function isStopping(record: StatusRecord, { commands }: ControlTask): boolean {
  return commands[0] === "down" && record.want === "down" && record.gotTerm;
}

function wallTime(): WallTime {
  const millis = Date.now();
  return { seconds: Math.floor(millis / 1000), nanoseconds: (millis % 1000) * 1_000_000 };
}

async function awaitGoals(
  { service, baseline }: Pending,
  task: ControlTask,
  begin: number,
  seconds: number,
): Promise<number> {
  const target = { kind: "goals", goals: task.goals, baseline } as const;
  const ending = await waitFor(service, beginWait(target, begin, seconds), systemPorts);
  const upSince = concernReadiness(task.goals) ? baseline.at : null;
  const failures = reportEnding(service, ending, task, upSince);
  if (failures > 0 && upSince !== null && mayBeTerminal(2)) {
    const { sayWhy } = await import("../show/why.ts");
    await sayWhy(service.label, service.path, upSince);
  }
  return failures;
}

/** Whether it is worth to ask isatty(3), for which the foreign function interface must be loaded. */
function mayBeTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}

/** @param upSince when the commands were sent, if they were to bring the service up; otherwise null. */
function reportEnding(
  service: Service,
  { outcome, found }: Ending,
  task: ControlTask,
  upSince: WallTime | null,
): number {
  if (found.kind !== "supervised") return reportUnsupervised(service, found, task);
  const report = (word: Outcome): void =>
    say(`${word}: ${describeForOutcome(service, found, word === "ok" ? null : upSince)}`);
  if (outcome === "reached") {
    report("ok");
    return 0;
  }
  const isKilled = outcome === "timeout" && task.killsAtTimeout;
  report(isKilled ? "kill" : outcome === "failed" ? "fail" : "timeout");
  const refused = isKilled ? send(found.path, ["kill"]) : null;
  return refused === null ? 1 : 1 + reportUnsupervised(service, refused, task);
}

/** Says what is wrong with a service. A supervisor that was to end, and has, is no failure. */
function reportUnsupervised(service: Service, found: Unsupervised, task: ControlTask): number {
  if (found.kind === "not running" && task.goals.includes("exit")) {
    say(renderGone(service.label));
    return 0;
  }
  say(renderTrouble(service.label, troubleOf(found)));
  return 1;
}
