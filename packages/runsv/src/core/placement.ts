import type { Placement } from "@upkeep/supervise/core/state-json";

import type { Moment } from "./moment.ts";

// `./run` stands in one of three ways. `session`: it leads a session and a process group, and then cannot make its own.
// `group`: it is in a group of its own that it does not lead, in our session, and can make what it likes. `shared`: it is
// in our group.

/** What earlier starts have shown of the placement that `./run` needs. */
export interface Placing {
  readonly next: "session" | "group";
  /** Whether a start has worked that way. Then it stays. */
  readonly isProven: boolean;
}

export const unproven: Placing = { next: "session", isProven: false };

/** Milliseconds: a start that lives for this long, or becomes ready as it declares, has worked. */
const trial = 1000;

/** The end of a start. */
export interface PlacedEnd {
  readonly placement: Placement;
  /** Monotonic. */
  readonly startedAt: number;
  /** Whether it has become ready as it declares. */
  readonly wasReady: boolean;
  readonly isFailure: boolean;
  /** Whether it has left the group that it was started in. */
  readonly hasLeft: boolean;
}

/**
 * What the end of a start teaches. Where a start fails at once, the next one tries the other placement. A group is kept
 * only if `./run` has left it, since only then it was what helped.
 */
export function learnPlacement(known: Placing, end: PlacedEnd, at: Moment): Placing {
  const { placement } = end;
  if (known.isProven || placement === "shared") return known;
  if (end.wasReady || at.monotonic - end.startedAt >= trial) {
    return placement === "group" && !end.hasLeft ? unproven : { next: placement, isProven: true };
  }
  if (!end.isFailure) return known;
  return { next: placement === "session" ? "group" : "session", isProven: false };
}
