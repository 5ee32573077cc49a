import { type CheckScript, checkScriptOf, passesBefore } from "../service/check-script.ts";
import { type Probe, probe, type Service, troubleOf } from "../service/client.ts";
import { describeService, say, warn } from "../show/console.ts";
import { readDetails, type Supervised } from "../service/details.ts";
import { progressOf } from "../core/awaited-state.ts";
import { checkPause, growth, slowPause } from "./pauses.ts";
import { renderTrouble } from "../core/report.ts";
import { watchSupervise } from "./supervise-watch.ts";
import { ageOf, initialUptime, notice, remainingTime, type Uptime } from "../core/uptime.ts";
import type { Goal } from "../core/words.ts";

/** Pause between two looks, in ms, where each change is seen coming: only that a supervisor has gone is not. */
const watchedPause = 5000;

/**
 * Waits until all services have come to where they are waited for, all at the same time; also for one
 * whose supervisor is still to be started. Says of each one that does not what it is instead.
 *
 * @returns the exit code: 0 when all have, otherwise 1.
 */
export async function awaitServices(services: readonly Service[], goal: Goal, seconds: number): Promise<number> {
  const begin = performance.now();
  const wait = { goal, begin, deadline: begin + Math.max(seconds * 1000, slowPause) };
  const results = await Promise.all(services.map((service) => awaitOne(service, wait)));
  return results.every(Boolean) ? 0 : 1;
}

/** Times are monotonic ms. */
interface Wait {
  readonly goal: Goal;
  readonly begin: number;
  readonly deadline: number;
}

async function awaitOne(service: Service, wait: Wait): Promise<boolean> {
  const { label, path } = service;
  const first = probe(service);
  if (path === null || first.kind === "no directory" || first.kind === "no match")
    return refuse(troubleLine(service, first));
  const check = checkScriptOf(path, label, warn);
  let uptime: Uptime | null = null;
  let watch = watchSupervise(path);
  try {
    for (let pause = checkPause; ;) {
      const isLastLook = performance.now() >= wait.deadline;
      const found = probe(service);
      if (found.kind === "supervised") {
        uptime ??= initialUptime(found.record);
        const look = await lookAt(service, found, { ...wait, check, uptime });
        if (look.kind === "reached") return true;
        if (look.kind === "failed") return refuse(`fail: ${describeService(service, found)}`);
        if (isLastLook) return refuse(`timeout: ${describeService(service, found)}`);
        ({ uptime } = look);
        pause = look.pause ?? (watch.isWatching ? watchedPause : slowPause);
      } else {
        if (isLastLook) return refuse(troubleLine(service, found));
        uptime = null;
        pause = Math.min(pause * growth, slowPause);
        // The directory may have been made only now, or anew.
        watch.close();
        watch = watchSupervise(path);
        if (probe(service).kind === "supervised") continue;
      }
      const left = Math.max(wait.deadline - performance.now(), 0);
      if (await watch.change(Math.ceil(Math.min(pause, left)))) pause = checkPause;
    }
  } finally {
    watch.close();
  }
}

/** How a look went. With `again`: in how many ms the next one is due at the latest; null where only a change matters. */
type Look =
  | { readonly kind: "reached" }
  | { readonly kind: "failed" }
  | { readonly kind: "again"; readonly uptime: Uptime; readonly pause: number | null };

interface LookContext extends Wait {
  readonly check: CheckScript;
  readonly uptime: Uptime;
}

async function lookAt(service: Service, { path, record }: Supervised, context: LookContext): Promise<Look> {
  const { goal, begin, deadline, check } = context;
  const now = performance.now();
  const read = readDetails(path, record);
  if (read.kind === "stale") return { kind: "again", uptime: context.uptime, pause: checkPause };
  const progress = progressOf(goal, record, read.details);
  const isUp = progress === "lasting" || progress === "check";
  const uptime = notice(context.uptime, isUp ? record.pid : 0, now);
  if (progress === "reached") return { kind: "reached" };
  if (progress === "again") return { kind: "again", uptime, pause: null };
  if (progress === "failed") {
    // A command that was sent just before may be about to start it again.
    const left = slowPause - (now - begin);
    return left <= 0 ? { kind: "failed" } : { kind: "again", uptime, pause: left };
  }
  const unsettled = remainingTime(uptime, now, ageOf(record));
  if (unsettled > 0) return { kind: "again", uptime, pause: unsettled };
  if (progress === "check" && !(await passesBefore(check, deadline))) {
    return { kind: "again", uptime, pause: checkPause };
  }
  const after = probe(service);
  const isSame = after.kind === "supervised" && after.record.pid === record.pid;
  return isSame ? { kind: "reached" } : { kind: "again", uptime, pause: checkPause };
}

function troubleLine(service: Service, found: Probe): string {
  return found.kind === "supervised" ? "" : renderTrouble(service.label, troubleOf(found));
}

function refuse(line: string): false {
  say(line);
  return false;
}
