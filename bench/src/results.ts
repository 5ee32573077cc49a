import type { Contender } from "./contender.ts";
import type { Row, Samples, Subject } from "./scenarios/scenario.ts";
import { median, quantile } from "./statistics.ts";

const longestMessage = 500;

/** Something that could not be measured. */
export interface Failure {
  readonly scenario: string;
  readonly contender: string;
  readonly round: number;
  readonly message: string;
}

/** All samples of a run, and what went wrong. */
export class Results {
  /** By metric, then by contender. */
  readonly samples: Record<string, Record<string, number[]>> = {};
  readonly failures: Failure[] = [];

  add({ name }: Contender, samples: Samples): void {
    for (const [metric, values] of Object.entries(samples)) {
      const ofMetric = (this.samples[metric] ??= {});
      (ofMetric[name] ??= []).push(...values);
    }
  }

  fail(subject: Subject, contender: Contender, round: number, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    // What a command has said belongs to its message, and may be a great deal.
    const message = text.length > longestMessage ? `${text.slice(0, longestMessage)} ...` : text;
    this.failures.push({ scenario: subject.name, contender: contender.name, round, message });
  }

  /** What the table shows of a contender; undefined when there is no sample. */
  figure({ metric, statistic }: Row, contender: string): number | undefined {
    const samples = this.samples[metric]?.[contender];
    if (samples === undefined || samples.length === 0) return undefined;
    return statistic === "median" ? median(samples) : quantile(samples, 0.99);
  }

  /** Whether a round of this scenario failed. */
  hasFailed(subject: Subject, contender: string): boolean {
    return this.failures.some((failure) => failure.scenario === subject.name && failure.contender === contender);
  }
}
