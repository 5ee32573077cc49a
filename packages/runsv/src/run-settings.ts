import { defaultPolicy, type RestartPolicy } from "./policy.ts";
import type { Readiness } from "./readiness.ts";

/** What the service directory said when `./run` was started. */
export interface RunSettings {
  /** Whether the rest of `./run`'s process group is ended when `./run` is gone. */
  readonly endsLeftovers: boolean;
  /** Whether descendants that left the group are ended, too. */
  readonly endsOrphans: boolean;
  /** Milliseconds from TERM to KILL; 0 is never; null when the directory does not say. */
  readonly timeoutKill: number | null;
  /** Milliseconds until a `./finish` that hangs is killed; 0 is never. */
  readonly timeoutFinish: number;
  /** Number of the signal that stops `./run`. */
  readonly downSignal: number;
  readonly policy: RestartPolicy;
  /** Null: the service declares none. */
  readonly readiness: Readiness | null;
}

const SIGTERM = 15;

/** Those of a directory with none of our files: runit's ways, but for what is left of a process group. */
export const defaultSettings: RunSettings = {
  endsLeftovers: true,
  endsOrphans: false,
  timeoutKill: null,
  timeoutFinish: 0,
  downSignal: SIGTERM,
  policy: defaultPolicy,
  readiness: null,
};
