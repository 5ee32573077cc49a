import type { Contender } from "../contender.ts";
import type { Suite } from "../suites/suite.ts";

/** Empty: a plain number. */
export type Unit = "" | "ms" | "s" | "MB" | "MB/s" | "kB";

/** Figures by the name of what was measured. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** One line of the table. */
export interface Row {
  /** Key of the samples. */
  readonly metric: string;
  readonly label: string;
  readonly unit: Unit;
  readonly statistic: "median" | "p99";
  readonly budget?: Budget;
}

/** What our builds are to keep to. */
export type Budget =
  /** Not more than this. A build that is not named has no budget. */
  | { readonly atMost: Readonly<Record<string, number>> }
  /** So many times the greatest figure of the peers, or more. */
  | { readonly timesBest: number; readonly builds: readonly string[]; readonly peers: readonly string[] };

export interface Settings {
  /** For trying things out: fewer samples, shorter waits. */
  readonly isQuick: boolean;
}

/** What a scenario is about. */
export interface Subject {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** One thing to be measured, the same way on every contender. */
export interface Scenario<C extends Contender = Suite> extends Subject {
  /** No more rounds than this: one takes long, or they hardly differ. */
  readonly mostRounds?: number;
  /** All are measured at the same time. Only for what does not depend on what else runs. */
  readonly isParallel?: boolean;
  /** Measures one round; throws when something went wrong, also with the services. No samples: it does not have this. */
  measure(contender: C, settings: Settings): Promise<Samples>;
}

/** The same budget for both builds. */
export function bothBuilds(limit: number): Budget {
  return { atMost: { standalone: limit, node: limit } };
}

/** Numbers of services at which start, memory and shutdown are measured. */
export const sizes: readonly number[] = [1, 10, 100];

/** "1 service", "10 services". */
export function countOf(services: number): string {
  return `${services} service${services === 1 ? "" : "s"}`;
}
