import { examineWithLog, type Finding } from "@upkeep/client/look/health";
import { probe, type Service } from "@upkeep/client/service/client";
import { tryReadDetails } from "@upkeep/client/service/details";

import { looking } from "./looking.ts";

/** Whether services are as they should be. */
export interface HealthDesk {
  examine(id: string, service: Service): Promise<readonly Finding[]>;
}

/** Milliseconds that a check script may take: as for `sv health`. */
const patience = 7000;
/** Milliseconds in which a `state.json` follows its status, and between two looks. */
const settles = { within: 50, pause: 5 } as const;

/** Makes a desk at which all who ask for a service at the same time get the answer of one examination. */
export function createHealthDesk(): HealthDesk {
  const running = new Map<string, Promise<readonly Finding[]>>();
  return {
    examine: async (id, service) => {
      const found = running.get(id) ?? examine(service).finally(() => running.delete(id));
      running.set(id, found);
      return await found;
    },
  };
}

async function examine(service: Service): Promise<readonly Finding[]> {
  await settled(service);
  return await examineWithLog(service, performance.now() + patience, looking);
}

/** Waits a moment for what the supervisor is about to write, while others are served. */
export async function settled(service: Service): Promise<void> {
  const end = performance.now() + settles.within;
  for (;;) {
    const found = probe(service);
    if (found.kind !== "supervised" || tryReadDetails(found) !== "stale" || performance.now() > end) return;
    await new Promise((resolve) => setTimeout(resolve, settles.pause));
  }
}
