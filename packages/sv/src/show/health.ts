import { errno } from "@upkeep/linux/core/errno";

import type { Settings } from "../core/arguments.ts";
import { checkScriptOf, passesBefore } from "../service/check-script.ts";
import { probe, type Service, troubleOf } from "../service/client.ts";
import { describeService, say, warn } from "./console.ts";
import { readDetails } from "../service/details.ts";
import { healthOf } from "../core/health.ts";
import { deadlineOf } from "../core/wait.ts";
import { renderTrouble } from "../core/report.ts";

/**
 * Says of each service, and log service, that is not as it should be, what it is instead.
 *
 * @returns the exit code: 0 when all are, otherwise 1.
 */
export async function checkHealth(services: readonly Service[], settings: Settings): Promise<number> {
  const deadline = deadlineOf(performance.now(), settings.waitSeconds);
  const findings = await Promise.all(
    services.map(async (service) => {
      const own = await examine(service, deadline);
      return [own, ...(service.path === null ? [] : [examineLog(service.label, service.path)])];
    }),
  );
  const all = findings.flat();
  for (const { isFine, line } of all) {
    if (!isFine || (settings.isVerbose && line !== null)) say(line ?? "");
  }
  return all.every(({ isFine }) => isFine) ? 0 : 1;
}

interface Finding {
  readonly isFine: boolean;
  /** Null where there is no log service. */
  readonly line: string | null;
}

async function examine(service: Service, deadline: number): Promise<Finding> {
  const found = probe(service);
  if (found.kind !== "supervised") return { isFine: false, line: renderTrouble(service.label, troubleOf(found)) };
  const { record, details } = readDetails(service, found);
  const health = healthOf(record, details);
  const line = describeService(service, found);
  if (health === "fine") return { isFine: true, line: `ok: ${line}` };
  if (health === "unhealthy") return { isFine: false, line: `fail: ${line}` };
  const check = checkScriptOf(found.path, service.label, warn);
  const isFine = await passesBefore(check, deadline);
  return { isFine, line: isFine ? `ok: ${line}` : `fail: ${line}, check script fails` };
}

function examineLog(label: string, path: string): Finding {
  const service = { label: `${label}/log`, path: `${path}/log` };
  const found = probe(service);
  if (found.kind === "no directory" && found.errno === errno.ENOENT) return { isFine: true, line: null };
  if (found.kind !== "supervised") return { isFine: false, line: renderTrouble(service.label, troubleOf(found)) };
  const { record, details } = readDetails(service, found);
  const isFine = healthOf(record, details) !== "unhealthy";
  return { isFine, line: `${isFine ? "ok" : "fail"}: ${describeService(service, found)}` };
}
