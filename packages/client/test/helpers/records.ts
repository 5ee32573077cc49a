import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

const since = { seconds: 90, nanoseconds: 500 };
export const run: StatusRecord = { since, pid: 5, paused: false, want: "up", gotTerm: false, state: "run" };
export const down: StatusRecord = { ...run, pid: 0, state: "down" };
export const off: StatusRecord = { ...down, want: "down" };

const details = (changes: Partial<StateDetails>): StateDetails => ({ ...noDetails, ...changes });
export const failedAt = (at: string): StateDetails =>
  details({ failed: { reason: "restart-limit", text: "3 failures", at } });

export const undeclared = details({ ready: true });
export const unready = details({ readiness: "notification-fd", ready: false });
/** It may be a job, and tells nothing else. */
export const perhapsJob = details({ ready: false, satisfied: false });
export const ready = details({ readiness: "notification-fd", ready: true });
export const checked = details({ readiness: "check", ready: true });
export const jobDone = details({ ready: true, satisfied: true });
export const failed = failedAt("1970-01-01T00:01:00Z");
