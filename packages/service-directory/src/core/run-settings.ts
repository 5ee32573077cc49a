import { signals } from "@upkeep/linux/core/signals";

/** Milliseconds between starts: `MIN [MAX [FACTOR]]`, see docs/service-directory.md. */
export interface RestartDelay {
  readonly min: number;
  readonly max: number;
  readonly factor: number;
}

/** When `./run` is started again, and what counts as a failure. */
export interface RestartPolicy {
  readonly restart: "always" | "on-failure" | "never";
  /** Whether the file `restart` is there: then exit code 125 of `./finish` means "do not start it again". */
  readonly heedsFinish: boolean;
  /** What counts as success besides exit code 0; signals by their number. */
  readonly exitOk: { readonly codes: readonly number[]; readonly signals: readonly number[] };
  readonly delay: RestartDelay;
  /** More failures than `count` within `millis` are a permanent failure; null: never. */
  readonly limit: { readonly count: number; readonly millis: number } | null;
  /** Which ends stop everything: a permanent failure, or every end. */
  readonly critical: "no" | "failure" | "any-exit";
}

/** runit's policy: always, and a second after the end when `./run` ended within a second. */
export const defaultPolicy: RestartPolicy = {
  restart: "always",
  heedsFinish: false,
  exitOk: { codes: [], signals: [] },
  delay: { min: 1000, max: 1000, factor: 1 },
  limit: null,
  critical: "no",
};

/** The service is ready when it has run for this long, in ms. */
export interface ReadyAfter {
  readonly kind: "ready-after";
  readonly millis: number;
}

/** How a service declares that it is ready. */
export type Readiness =
  /** It writes a newline to this descriptor, which it gets from us. */
  | { readonly kind: "notification-fd"; readonly fd: number }
  /** Its `./check` exits 0. A `./check` that cannot be executed counts as missing: then `otherwise` holds. */
  | { readonly kind: "check"; readonly otherwise: ReadyAfter | null }
  | ReadyAfter;

/** What the service directory said when `./run` was started. */
export interface RunSettings {
  /** Whether leftovers are ended when `./run` has ended. */
  readonly endsLeftovers: boolean;
  /** Whether orphans, which left the process group, are ended as well. */
  readonly endsOrphans: boolean;
  /** Milliseconds from TERM to KILL; 0 is never; null when the directory does not say. */
  readonly timeoutKill: number | null;
  /** Milliseconds until a `./finish` that hangs is killed; 0 is never. */
  readonly timeoutFinish: number;
  /** Number of the signal that stops `./run`. */
  readonly downSignal: number;
  readonly policy: RestartPolicy;
  /** Null: the service does not declare any. */
  readonly readiness: Readiness | null;
}

/** The settings of a directory with none of our files: as runit does, except that leftovers are ended. */
export const defaultSettings: RunSettings = {
  endsLeftovers: true,
  endsOrphans: false,
  timeoutKill: null,
  timeoutFinish: 0,
  downSignal: signals.SIGTERM,
  policy: defaultPolicy,
  readiness: null,
};
