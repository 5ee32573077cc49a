import type { Contender } from "./contender.ts";
import type { Group } from "./groups.ts";
import { progress } from "./progress.ts";
import type { Row, Scenario } from "./scenario.ts";

/** Something that could not be measured. */
interface Failure {
  readonly scenario: string;
  readonly contender: string;
  readonly round: number;
  readonly message: string;
}

const longestMessage = 500;

/** All samples of a run, and what went wrong. */
export class Results {
  /** By metric, then by contender. */
  readonly samples: Record<string, Record<string, number[]>> = {};
  readonly failures: Failure[] = [];

  /**
   * Measures the scenarios of a group. Each round of a scenario takes all contenders in turn, so that a change on the
   * machine affects all of them. After a failure the rest goes on.
   */
  async measure({ scenarios, contenders }: Group, mostRounds: number, isQuick: boolean): Promise<void> {
    for (const scenario of scenarios) {
      const rounds = Math.min(mostRounds, scenario.mostRounds ?? Infinity);
      for (let round = 1; round <= rounds; round++) {
        const measureOne = async (contender: Contender): Promise<void> => {
          progress(`${scenario.name} ${round}/${rounds}: ${contender.title}`);
          await this.#measureOne(scenario, contender, round, isQuick);
        };
        if (scenario.isParallel === true) await Promise.all(contenders.map(measureOne));
        else for (const contender of contenders) await measureOne(contender);
      }
    }
  }

  async #measureOne(scenario: Scenario, contender: Contender, round: number, isQuick: boolean): Promise<void> {
    try {
      for (const [metric, values] of Object.entries(await scenario.measure(contender, isQuick))) {
        const ofMetric = (this.samples[metric] ??= {});
        (ofMetric[contender.name] ??= []).push(...values);
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // The message contains the output of a command, which may be long.
      const message = text.length > longestMessage ? `${text.slice(0, longestMessage)} ...` : text;
      this.failures.push({ scenario: scenario.name, contender: contender.name, round, message });
    }
  }

  /** What the table shows of a contender; undefined when there is no sample. */
  figure({ metric, statistic }: Row, contender: string): number | undefined {
    const samples = this.samples[metric]?.[contender];
    if (samples === undefined || samples.length === 0) return undefined;
    return quantile(samples, statistic === "p99" ? 0.99 : 0.5);
  }

  /** True when a round of this scenario failed. */
  hasFailed(scenario: string, contender: string): boolean {
    return this.failures.some((failure) => failure.scenario === scenario && failure.contender === contender);
  }
}

/** The value below which this part of the samples lies, interpolated between neighbours; NaN of none. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  const position = (sorted.length - 1) * part;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}
