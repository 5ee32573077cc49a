import { examineWithLog } from "@upkeep/client/look/health";
import type { Service } from "@upkeep/client/service/client";

import type { Settings } from "../core/arguments.ts";
import { deadlineOf } from "../core/wait.ts";
import { looking, say } from "./console.ts";

/**
 * Says of each service, and log service, that is not as it should be, what it is instead.
 *
 * @returns the exit code: 0 when all are, otherwise 1.
 */
export async function checkHealth(services: readonly Service[], settings: Settings): Promise<number> {
  const deadline = deadlineOf(performance.now(), settings.waitSeconds);
  const findings = await Promise.all(services.map(async (service) => await examineWithLog(service, deadline, looking)));
  const all = findings.flat();
  for (const { isFine, line } of all) {
    if (!isFine || settings.isVerbose) say(line);
  }
  return all.every(({ isFine }) => isFine) ? 0 : 1;
}
