import type { ServiceSnapshot, Snapshot } from "./snapshot.ts";

/** `error`: the service does not do what it is for. `warning`: it probably does not, or not always. */
export type Severity = "error" | "warning";

/** One mistake of a service. */
export interface Mistake {
  /** Path within the service directory. */
  readonly file: string;
  /** Counted from 1; null where the mistake is not in a line. */
  readonly line: number | null;
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
}

/** A kind of mistake. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  find(service: ServiceSnapshot, all: Snapshot): readonly Mistake[];
}
