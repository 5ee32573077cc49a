import type { Contender } from "./contender.ts";

/** One thing to be measured, the same way on every contender. */
export interface Scenario<C extends Contender = Contender> {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** No more rounds than this: one takes long, or they hardly differ. */
  readonly mostRounds?: number;
  /** All contenders are measured at the same time. Only for what does not depend on what else runs. */
  readonly isParallel?: boolean;
  /**
   * Measures one round; throws when something went wrong, also with the services. A contender that does not have this
   * gives no samples. `isQuick`: to try things out, with fewer samples and shorter waits.
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
  /** So many times the greatest figure of the peers, or more. */
  | { readonly timesBest: number; readonly builds: readonly string[]; readonly peers: readonly string[] };

/** The same budget for both builds. */
export function bothBuilds(limit: number): Budget {
  return { atMost: { standalone: limit, node: limit } };
}
