import type { Suite, SuiteName } from "../suites/suite.ts";

export type Unit = "ms" | "MB" | "kB" | "switches";

/** Figures by the name of what was measured. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** One line of the table. */
export interface Row {
  /** Key of the samples. */
  readonly metric: string;
  readonly label: string;
  readonly unit: Unit;
  readonly statistic: "median" | "p99";
  /** What our builds are to stay within. A build that is not named has no budget here. */
  readonly budget?: Readonly<Partial<Record<SuiteName, number>>>;
}

export interface Settings {
  /** For trying things out: fewer samples, shorter waits. */
  readonly isQuick: boolean;
}

/** One thing to be measured, the same way on every suite. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** No more rounds than this: one takes long, or they hardly differ. */
  readonly mostRounds?: number;
  /** All suites are measured at the same time. Only for what does not depend on what else runs. */
  readonly isParallel?: boolean;
  /** Measures one round; throws when something went wrong, also with the services. */
  measure(suite: Suite, settings: Settings): Promise<Samples>;
}

/** The same budget for both builds. */
export function bothBuilds(limit: number): NonNullable<Row["budget"]> {
  return { standalone: limit, node: limit };
}

/** Numbers of services at which start, memory and shutdown are measured. */
export const sizes: readonly number[] = [1, 10, 100];

/** "1 service", "10 services". */
export function countOf(services: number): string {
  return `${services} service${services === 1 ? "" : "s"}`;
}
