import { healthOf } from "../core/health.ts";
import { renderStatus, renderTrouble } from "../core/report.ts";
import { checkScriptOf, passesBefore } from "../service/check-script.ts";
import { isMissing, logServiceOf, probe, type Service, troubleOf } from "../service/client.ts";
import { readDetails } from "../service/details.ts";
import { writesToFullDisk } from "../service/log-disk.ts";
import { isNormallyDown, type Looking } from "./snapshot.ts";

/** Whether a service, or a log service, is as it should be, and a line that says so. */
export interface Finding {
  readonly isFine: boolean;
  readonly line: string;
}

/**
 * Looks at the health of a service and, where it has one, of its log service.
 *
 * @param deadline until when a check script may run, in monotonic ms.
 */
export async function examineWithLog(
  service: Service,
  deadline: number,
  looking: Looking,
): Promise<readonly Finding[]> {
  const own = await examine(service, deadline, looking);
  if (service.path === null) return [own];
  const log = logServiceOf(service.label, service.path);
  return isMissing(probe(log)) ? [own] : [own, await examine(log, null, looking)];
}

/** @param deadline null for a log service, which has no check script. */
async function examine(service: Service, deadline: number | null, looking: Looking): Promise<Finding> {
  const found = probe(service);
  const { label } = service;
  if (found.kind !== "supervised") return { isFine: false, line: renderTrouble(label, troubleOf(found)) };
  const { path, record, details } = readDetails(service, found, looking.wait);
  const health = healthOf(record, details);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const line = renderStatus(label, record, {
    nowSeconds,
    isNormallyDown: isNormallyDown(path, label, looking.warn),
    details,
  });
  const isLog = deadline === null;
  if (health === "unhealthy") return { isFine: false, line: `fail: ${line}` };
  // A logger that waits for space blocks its service in the end, though both run.
  if (isLog && record.pid !== 0 && writesToFullDisk(record.pid)) {
    return { isFine: false, line: `fail: ${line}, out of disk space` };
  }
  if (health === "fine" || isLog) return { isFine: true, line: `ok: ${line}` };
  const passes = await passesBefore(checkScriptOf(path, label, looking.warn), deadline);
  return { isFine: passes, line: passes ? `ok: ${line}` : `fail: ${line}, check script fails` };
}
