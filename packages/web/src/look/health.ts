import { examineWithLog, type Finding } from "@upkeep/client/look/health";
import type { Looking } from "@upkeep/client/look/snapshot";
import { probe, type Service } from "@upkeep/client/service/client";
import { tryReadDetails } from "@upkeep/client/service/details";

import type { Located } from "./directories.ts";

/** Whether services are as they should be. */
export interface HealthDesk {
  examine(one: Located): Promise<readonly Finding[]>;
  /** In the same order. Only some of them are examined at the same time: each may run a script. */
  examineAll(all: readonly Located[]): Promise<readonly Finding[]>;
}

/** How many are examined at the same time for one request. */
const together = 16;

/** Milliseconds that a check script may take: as for `sv health`. */
const patience = 7000;
/** Milliseconds in which a `state.json` follows its status, and between two looks. */
const settles = { within: 50, pause: 5 } as const;

/** Makes a desk at which all who ask for a service at the same time get the answer of one examination. */
export function createHealthDesk(looking: Looking): HealthDesk {
  const running = new Map<string, Promise<readonly Finding[]>>();
  const examineOne = async ({ id, service }: Located): Promise<readonly Finding[]> => {
    const found = running.get(id) ?? examine(service, looking).finally(() => running.delete(id));
    running.set(id, found);
    return await found;
  };
  return {
    examine: examineOne,
    examineAll: async (all) => {
      const findings: (readonly Finding[])[] = [];
      const left = [...all.entries()];
      const work = async (): Promise<void> => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const [index, one] = next;
          findings[index] = await examineOne(one);
        }
      };
      await Promise.all(Array.from({ length: together }, work));
      return findings.flat();
    },
  };
}

async function examine(service: Service, looking: Looking): Promise<readonly Finding[]> {
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
