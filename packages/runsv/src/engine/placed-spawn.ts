import { isForkFailure, type SpawnRequest, type SpawnResult } from "@upkeep/linux/exec/spawn";
import { processInfo, startTicksOf } from "@upkeep/linux/process/process-info";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { bootMillis } from "@upkeep/linux/time/clock";

import type { Process } from "../core/moment.ts";
import type { Placement } from "@upkeep/supervise/core/state-json";

/** What starts processes. */
export interface Spawner {
  spawn(request: SpawnRequest): SpawnResult;
}

/** What a start is, apart from where it stands, and from what all starts of a service have in common. */
export type PlacedRequest = Omit<SpawnRequest, "environment" | "newSession">;

/** A process that was started, and where it stands; or why there is none. */
export type Placed =
  | { readonly ok: true; readonly process: Process; readonly placement: Placement }
  | { readonly ok: false; readonly errno: number };

/**
 * Starts a program in its placement.
 *
 * A group that nobody of the service leads needs a leader all the same, for the moment in which the program joins it. A
 * process of ours that is killed at once is that leader. Its number stays taken as long as the group has a member.
 */
export function spawnPlaced(request: Omit<SpawnRequest, "newSession">, placement: Placement, spawner: Spawner): Placed {
  if (placement === "session") return inSession(request, spawner);
  if (placement === "shared") return placed(spawner.spawn({ ...request, newSession: false }), placement);
  const leader = spawner.spawn({
    path: "/proc/self/exe",
    argv: ["runsv: leader of a group"],
    environment: [],
    newSession: false,
    group: 0,
    stdio: [null, null, null],
  });
  if (!leader.ok) return isForkFailure(leader.errno) ? leader : spawnPlaced(request, "session", spawner);
  try {
    return placed(spawner.spawn({ ...request, newSession: false, group: leader.pid }), placement, leader.pid);
  } finally {
    sendSignal(leader.pid, "SIGKILL");
  }
}

/** It leads its group, whatever it does. */
function inSession(request: Omit<SpawnRequest, "newSession">, spawner: Spawner): Placed {
  const before = bootMillis();
  const result = spawner.spawn({ ...request, newSession: true });
  if (!result.ok) return result;
  const { pid } = result;
  const startTicks = startTicksOf(pid, before, bootMillis()) ?? 0;
  return { ok: true, placement: "session", process: { pid, group: pid, startTicks } };
}

/**
 * A process of our own group, also because it was killed before it could leave it, is on record with that group, which
 * must never be ended.
 */
function placed(result: SpawnResult, placement: "group" | "shared", joined: number | null = null): Placed {
  if (!result.ok) return result;
  const { pid } = result;
  const info = processInfo(pid);
  const group = joined ?? info?.group ?? pid;
  return { ok: true, placement, process: { pid, group, startTicks: info?.startTicks ?? 0 } };
}
