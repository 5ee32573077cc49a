import type { StatusRecord } from "@upkeep/supervise/core/status";

import { type CheckScript, checkScriptOf, passesBefore } from "../service/check-script.ts";
import { type Probe, probe, send, type Service, troubleOf } from "../service/client.ts";
import type { ControlTask } from "../core/commands.ts";
import { describeForOutcome, say, warn } from "../show/console.ts";
import { readDetails, type Supervised } from "../service/details.ts";
import { type Outcome, renderGone, renderTrouble } from "../core/report.ts";
import { watchSupervise } from "./supervise-watch.ts";
import { checkPause, growth, slowPause } from "./pauses.ts";
import { ageOf, initialUptime, notice, remainingTime, type Uptime } from "../core/uptime.ts";
import { concernsReadiness, considerDetails, judge, type Judgement, type Sent } from "../core/goals.ts";

/** A service that has been sent the commands of a task. */
export interface Pending {
  readonly service: Service;
  readonly path: string;
  readonly sent: Sent;
}

/** The first pause, in ms, before looking whether a supervisor has ended. */
const endPause = 2;

/**
 * Waits until all goals of the task are reached at each of the services, all at the same time, and
 * says so of each as soon as it is.
 *
 * @returns how many failures there were.
 */
export async function waitForAll(pending: readonly Pending[], task: ControlTask, seconds: number): Promise<number> {
  // With 0 there is still time for runsv to take notice: that of runit's one pause.
  const deadline = performance.now() + Math.max(seconds * 1000, slowPause);
  const failures = await Promise.all(pending.map((one) => waitForOne(one, task, deadline)));
  return failures.reduce((sum, count) => sum + count, 0);
}

/** The wait for one service. */
interface Wait extends Pending {
  readonly task: ControlTask;
  /** Monotonic ms. */
  readonly begin: number;
  readonly deadline: number;
  readonly check: CheckScript;
  uptime: Uptime;
}

async function waitForOne(pending: Pending, task: ControlTask, deadline: number): Promise<number> {
  const { service, path, sent } = pending;
  const check = checkScriptOf(path, service.label, warn);
  const uptime = initialUptime(sent.before);
  const wait: Wait = { ...pending, task, begin: performance.now(), deadline, check, uptime };
  const watch = watchSupervise(path);
  try {
    for (let first = 0, pause = 0; ;) {
      const isLastLook = performance.now() >= deadline;
      const look = await lookAt(wait, isLastLook);
      if (look.kind === "ended") return look.failures;
      if (isLastLook) return reportTimeout(service, look.found, task);
      pause = look.pause === first ? Math.min(pause * growth, slowPause) : look.pause;
      first = look.pause;
      const left = Math.max(deadline - performance.now(), 0);
      if (await watch.change(Math.ceil(Math.min(pause, left)))) first = 0;
    }
  } finally {
    watch.close();
  }
}

/** How a look went: the wait has ended and that has been said, or there will be another look. */
type Look =
  | { readonly kind: "ended"; readonly failures: number }
  /** `pause`: in how many ms at the latest, where no change comes first. It grows while it stays the same. */
  | { readonly kind: "again"; readonly found: Supervised; readonly pause: number };

async function lookAt(wait: Wait, isLastLook: boolean): Promise<Look> {
  const { service, task } = wait;
  const now = performance.now();
  const found = probe(service);
  if (found.kind !== "supervised") return { kind: "ended", failures: reportGone(service, found, task) };
  const { record } = found;
  const verdict = judgement(wait, found, now);
  if (verdict === "stale") return { kind: "again", found, pause: checkPause };
  wait.uptime = notice(wait.uptime, verdict === "check" ? record.pid : 0, now);
  if (verdict === "done") return { kind: "ended", failures: report("ok", service, found) };
  if (verdict === "failed") return { kind: "ended", failures: report("fail", service, found) };
  // No change of the status will tell that a supervisor has ended, nor below that a check would pass.
  if (verdict === "again") return { kind: "again", found, pause: isEnding(record, task) ? endPause : slowPause };
  const unsettled = remainingTime(wait.uptime, now, ageOf(record));
  if (unsettled > 0) return { kind: "again", found, pause: unsettled };
  if (isLastLook || !(await passesBefore(wait.check, wait.deadline)))
    return { kind: "again", found, pause: checkPause };
  const after = probe(service);
  const isSame = after.kind === "supervised" && after.record.pid === record.pid;
  return isSame
    ? { kind: "ended", failures: report("ok", service, after) }
    : { kind: "again", found, pause: checkPause };
}

/** What the status and `state.json` say together; `stale` while they do not fit together. */
function judgement({ task, sent, begin }: Wait, { path, record }: Supervised, now: number): Judgement | "stale" {
  if (!concernsReadiness(task.goals)) return judge(task.goals, record, sent);
  const read = readDetails(path, record);
  if (read.kind === "stale") return "stale";
  return considerDetails(task.goals, record, read.details, sent, now - begin >= slowPause);
}

function isEnding({ pid }: StatusRecord, { goals }: ControlTask): boolean {
  return pid === 0 && goals.includes("exit");
}

function report(outcome: Outcome, service: Service, found: Supervised): number {
  say(`${outcome}: ${describeForOutcome(service, found)}`);
  return outcome === "ok" ? 0 : 1;
}

function reportTimeout(service: Service, found: Supervised, task: ControlTask): number {
  if (!task.killsAtTimeout) return report("timeout", service, found);
  const failures = report("kill", service, found);
  const refused = send(found.path, ["kill"]);
  return refused === null ? failures : failures + reportGone(service, refused, task);
}

/** Says what is wrong with a service, which for one that was to end may be just what was wanted. */
export function reportGone(service: Service, found: Exclude<Probe, Supervised>, task: ControlTask): number {
  if (found.kind === "not running" && task.goals.includes("exit")) {
    say(renderGone(service.label));
    return 0;
  }
  say(renderTrouble(service.label, troubleOf(found)));
  return 1;
}
