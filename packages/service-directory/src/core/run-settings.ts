import { signals } from "@upkeep/linux/core/signals";

/** Milliseconds between starts: `MIN [MAX [FACTOR]]`, see docs/service-directory.md. */
export interface RestartDelay {
  readonly min: number;
  readonly max: number;
  readonly factor: number;
}

/** When `./run` is started again, and what counts as its failure. */
export interface RestartPolicy {
  readonly restart: "always" | "on-failure" | "never";
  /** Whether the file `restart` is there, which makes a `./finish` that exits 125 mean "not again". */
  readonly heedsFinish: boolean;
  /** What counts as success besides exit code 0; signals by their number. */
  readonly exitOk: { readonly codes: readonly number[]; readonly signals: readonly number[] };
  readonly delay: RestartDelay;
  /** More failures than `count` within `millis` are a permanent failure; null: never. */
  readonly limit: { readonly count: number; readonly millis: number } | null;
  /** Which ends are the business of everybody: a permanent failure, or every one. */
  readonly critical: "no" | "failure" | "any-exit";
}

/** runit's: always, a second after the end when that came within a second. */
export const defaultPolicy: RestartPolicy = {
  restart: "always",
  heedsFinish: false,
  exitOk: { codes: [], signals: [] },
  delay: { min: 1000, max: 1000, factor: 1 },
  limit: null,
  critical: "no",
};

/** By having run so long, in ms. */
export interface ReadyAfter {
  readonly kind: "ready-after";
  readonly millis: number;
}

/** How a service tells that it is ready. */
export type Readiness =
  /** By a newline on this descriptor, which it gets from us. */
  | { readonly kind: "notification-fd"; readonly fd: number }
  /** By `./check` exiting 0; one that cannot be executed is as if it were not there. */
  | { readonly kind: "check"; readonly otherwise: ReadyAfter | null }
  | ReadyAfter;

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

/** Those of a directory with none of our files: runit's ways, but for what is left of a process group. */
export const defaultSettings: RunSettings = {
  endsLeftovers: true,
  endsOrphans: false,
  timeoutKill: null,
  timeoutFinish: 0,
  downSignal: signals.SIGTERM,
  policy: defaultPolicy,
  readiness: null,
};
