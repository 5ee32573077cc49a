import type { Settings } from "../core/arguments.ts";
import { healthOf } from "../core/health.ts";
import { renderTrouble } from "../core/report.ts";
import { deadlineOf } from "../core/wait.ts";
import { checkScriptOf, passesBefore } from "../service/check-script.ts";
import { isMissing, logServiceOf, probe, type Service, troubleOf } from "../service/client.ts";
import { readDetails } from "../service/details.ts";
import { writesToFullDisk } from "../service/log-disk.ts";
import { describeService, say, warn } from "./console.ts";

/**
 * Says of each service, and log service, that is not as it should be, what it is instead.
 *
 * @returns the exit code: 0 when all are, otherwise 1.
 */
export async function checkHealth(services: readonly Service[], settings: Settings): Promise<number> {
  const deadline = deadlineOf(performance.now(), settings.waitSeconds);
  const findings = await Promise.all(services.map(async (service) => await examineWithLog(service, deadline)));
  const all = findings.flat();
  for (const { isFine, line } of all) {
    if (!isFine || settings.isVerbose) say(line);
  }
  return all.every(({ isFine }) => isFine) ? 0 : 1;
}

interface Finding {
  readonly isFine: boolean;
  readonly line: string;
}

async function examineWithLog(service: Service, deadline: number): Promise<readonly Finding[]> {
  const own = await examine(service, deadline);
  if (service.path === null) return [own];
  const log = logServiceOf(service.label, service.path);
  return isMissing(probe(log)) ? [own] : [own, await examine(log, null)];
}

/** @param deadline until when a check script may run, in monotonic ms; null for a log service, which has none. */
async function examine(service: Service, deadline: number | null): Promise<Finding> {
  const found = probe(service);
  if (found.kind !== "supervised") return { isFine: false, line: renderTrouble(service.label, troubleOf(found)) };
  const { record, details } = readDetails(service, found);
  const health = healthOf(record, details);
  const line = describeService(service, found);
  const isLog = deadline === null;
  if (health === "unhealthy") return { isFine: false, line: `fail: ${line}` };
  // A logger that waits for space blocks its service in the end, though both run.
  if (isLog && record.pid !== 0 && writesToFullDisk(record.pid)) {
    return { isFine: false, line: `fail: ${line}, out of disk space` };
  }
  if (health === "fine" || isLog) return { isFine: true, line: `ok: ${line}` };
  const passes = await passesBefore(checkScriptOf(found.path, service.label, warn), deadline);
  return { isFine: passes, line: passes ? `ok: ${line}` : `fail: ${line}, check script fails` };
}
