import type { Contender } from "./contender.ts";

/** One thing to be measured, the same way on every contender. */
export interface Scenario<C extends Contender = Contender> {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** The most rounds: for what takes long, or hardly differs between rounds. */
  readonly mostRounds?: number;
  /** Measures all contenders at the same time: only for what does not depend on the load. */
  readonly isParallel?: boolean;
  /**
   * Measures one round; throws when anything went wrong, including the services. A contender that lacks this gives no
   * samples. `isQuick` takes fewer samples and waits less, to try things out.
   */
  measure(contender: C, isQuick: boolean): Promise<Samples>;
}

/** Figures by the name of what was measured. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** One line of the table. */
export interface Row {
  /** Key of the samples. */
  readonly metric: string;
  readonly label: string;
  /** None: a plain number. */
  readonly unit?: "ms" | "s" | "MB" | "MB/s" | "kB";
  /** What is shown of the samples; the median where this is not given. */
  readonly statistic?: "p99";
  readonly budget?: Budget;
}

/** What our builds must keep to. */
export type Budget =
  /** Not more than this. A build that is not named has no budget. */
  | { readonly atMost: Readonly<Record<string, number>> }
  /** At most so many times the figure of the contender that ratios refer to. */
  | { readonly timesReference: number; readonly builds: readonly string[] }
  /** So many times the greatest figure of the peers, or more. */
  | { readonly timesBest: number; readonly builds: readonly string[]; readonly peers: readonly string[] };

/** The same budget for both builds. */
export function bothBuilds(limit: number): Budget {
  return { atMost: { standalone: limit, node: limit } };
}

/** Further limits for the stand-alone build and for the one on Node with all services in one process. */
export function inlineToo(budget: Budget | null, standalone?: number, node?: number): Budget {
  const before = budget !== null && "atMost" in budget ? budget.atMost : {};
  const inline = { "standalone-inline": standalone, "node-inline": node };
  const limits = Object.entries(inline).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return { atMost: { ...before, ...Object.fromEntries(limits) } };
}
