import type { Row, Samples, Scenario } from "./scenarios/scenario.ts";
import { median, quantile } from "./statistics.ts";
import type { Suite, SuiteName } from "./suites/suite.ts";

/** Something that could not be measured. */
export interface Failure {
  readonly scenario: string;
  readonly suite: SuiteName;
  readonly round: number;
  readonly message: string;
}

/** All samples of a run, and what went wrong. */
export class Results {
  readonly samples: Record<string, Partial<Record<SuiteName, number[]>>> = {};
  readonly failures: Failure[] = [];

  add(suite: Suite, samples: Samples): void {
    for (const [metric, values] of Object.entries(samples)) {
      const ofMetric = (this.samples[metric] ??= {});
      (ofMetric[suite.name] ??= []).push(...values);
    }
  }

  fail(scenario: Scenario, suite: Suite, round: number, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.failures.push({ scenario: scenario.name, suite: suite.name, round, message });
  }

  /** What the table shows of a suite; undefined when there is no sample. */
  figure({ metric, statistic }: Row, suite: SuiteName): number | undefined {
    const samples = this.samples[metric]?.[suite];
    if (samples === undefined || samples.length === 0) return undefined;
    return statistic === "median" ? median(samples) : quantile(samples, 0.99);
  }

  /** Whether a round of this scenario failed on the suite. */
  hasFailed(scenario: Scenario, suite: SuiteName): boolean {
    return this.failures.some((failure) => failure.scenario === scenario.name && failure.suite === suite);
  }
}
