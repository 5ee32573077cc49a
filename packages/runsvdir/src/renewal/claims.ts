import { takeKeptPipe } from "@upkeep/linux/exec/handover";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { processInfo } from "@upkeep/linux/process/process-info";
import { sendSignal } from "@upkeep/linux/signal/signal";

import { decodeHanded, type HandedChild } from "../core/handed.ts";
import type { Identity } from "../core/scan.ts";

/** What the program that was this process before has handed over, until each service has claimed its part. */
export interface Claims {
  /** The runsv of a service, if it is still our child; null: there is none. */
  adopt(identity: Identity): HandedChild | null;
  /** What the engine of a service has told; null: nothing. */
  engineOf(identity: Identity): unknown;
  readonly pipes: { readonly events: Pipe | null; readonly title: Pipe | null };
  /** A child has been reaped: its pid may name another process from now on. */
  ended(pid: number): void;
  /** Tells each runsv to go that nobody has claimed: its entry has gone since. */
  endRest(): void;
}

export function createClaims(content: unknown): Claims {
  const { children, engines, events, title } = decodeHanded(content);
  const unclaimed = new Map(children.map((child) => [child.identity, child]));
  return {
    adopt: (identity) => {
      const found = unclaimed.get(identity);
      unclaimed.delete(identity);
      return found !== undefined && isChild(found.pid) ? found : null;
    },
    engineOf: (identity) => engines.get(identity) ?? null,
    pipes: { events: takeKeptPipe(events), title: takeKeptPipe(title) },
    ended: (pid) => {
      for (const [identity, child] of unclaimed) if (child.pid === pid) unclaimed.delete(identity);
    },
    endRest: () => {
      for (const { pid } of unclaimed.values()) if (isChild(pid)) sendSignal(pid, "SIGTERM");
      unclaimed.clear();
    },
  };
}

/** A pid stays ours until it has been reaped. */
function isChild(pid: number): boolean {
  return processInfo(pid)?.parent === process.pid;
}
