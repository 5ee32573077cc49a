import type { Identity, Listed } from "./scan.ts";
import type { Needs } from "./stop-order.ts";

/** The signals that end runsvdir. */
export type EndSignal = "SIGTERM" | "SIGHUP" | "SIGINT";

/** What came of the effect `start`. */
export type StartOutcome =
  /** `follows`: it can move over to another service directory, as a runsv of ours can. */
  | { readonly kind: "started"; readonly pid: number; readonly follows: boolean }
  /**
   * The service has a runsv that lives on without the runsvdir that started it, or that we have started before we were
   * executed anew. From now on it is ours. `follows`: see above; absent: it does.
   */
  | { readonly kind: "adopted"; readonly pid: number; readonly follows?: boolean }
  /** `isFork` when no process could be made at all. */
  | { readonly kind: "startFailed"; readonly errno: number; readonly isFork: boolean }
  /**
   * The name leads to something else by now: nothing was started, and the table is out of date. This also answers a
   * last start where runsv is not ours, which knows no last start.
   */
  | { readonly kind: "entryChanged" };

/**
 * How a runsv has ended: by success only when somebody asked for it (`x`, TERM). A signal that has `killed` it left it no
 * time to tidy up. An engine in this process also ends by a `fault`, an error of ours, or when it is `handedOver` to a runsv
 * process. Both leave the service running.
 */
export type RunsvEnd = "success" | "failure" | "killed" | "fault" | "handedOver";

/** What happened. `at` is in ms of the monotonic clock. */
export type Event = { readonly at: number } & (
  | { readonly kind: "listed"; readonly listing: readonly Listed[] }
  | ({ readonly identity: Identity } & StartOutcome)
  /** A child has been reaped, perhaps an orphan, or an adopted runsv has ended. */
  | { readonly kind: "exited"; readonly pid: number; readonly end: RunsvEnd }
  /** `isTyped`: we are in the foreground of a terminal, where INT most likely is a Ctrl-C. */
  | { readonly kind: "signal"; readonly signal: EndSignal; readonly isTyped: boolean; readonly needs: Needs }
  /** The parent says that the time for an orderly stop is over. */
  | { readonly kind: "timeOver"; readonly needs: Needs }
  /** A critical service has ended for good, with this exit code. */
  | { readonly kind: "critical"; readonly name: string; readonly code: number; readonly needs: Needs }
  /** Time has passed. */
  | { readonly kind: "tick" }
);

/** What is to be done, in order. */
export type Effect =
  /** Start runsv, unless one can be adopted; `isLast`: only to end what is left of the service. Answered by a {@link StartOutcome}. */
  | { readonly kind: "start"; readonly identity: Identity; readonly name: string; readonly isLast: boolean }
  | { readonly kind: "signal"; readonly pid: number; readonly signal: "SIGTERM" | "SIGKILL" }
  /** Tell a runsv to move over to the directory that its path leads to by now. */
  | { readonly kind: "move"; readonly identity: Identity; readonly pid: number }
  /** TERM once more for a runsv that was asked to leave, if it has been called back since. */
  | { readonly kind: "remind"; readonly identity: Identity; readonly name: string; readonly pid: number }
  /** Have the service's process killed by its runsv. */
  | { readonly kind: "killService"; readonly identity: Identity; readonly name: string }
  | { readonly kind: "rescan" }
  /** Tell our parent that everything ends because of a critical service. */
  | { readonly kind: "reportCritical"; readonly name: string; readonly code: number }
  | { readonly kind: "warn"; readonly severity: "fatal" | "warning"; readonly message: string }
  /** End with an exit code; `awaitsEngines`: not before the engines in this process have ended. */
  | { readonly kind: "end"; readonly code: number; readonly awaitsEngines?: true }
  /** End by the signal's default action. */
  | { readonly kind: "die"; readonly signal: EndSignal };
