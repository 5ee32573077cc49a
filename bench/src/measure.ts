import { progress } from "./progress.ts";
import { Results } from "./results.ts";
import type { Scenario, Settings } from "./scenarios/scenario.ts";
import type { Suite } from "./suites/suite.ts";

/** What is to be measured. */
export interface Plan extends Settings {
  readonly scenarios: readonly Scenario[];
  readonly suites: readonly Suite[];
  readonly rounds: number;
}

/**
 * Measures everything.
 *
 * Each round of a scenario takes all suites in turn, so that what changes on the machine meanwhile
 * changes all of them. A failure is noted, and the rest goes on.
 */
export async function measure(plan: Plan): Promise<Results> {
  const results = new Results();
  for (const scenario of plan.scenarios) {
    const rounds = Math.min(plan.rounds, scenario.mostRounds ?? Infinity);
    for (let round = 1; round <= rounds; round++) {
      await measureRound(scenario, round, rounds);
    }
  }
  return results;

  async function measureRound(scenario: Scenario, round: number, rounds: number): Promise<void> {
    const measureSuite = async (suite: Suite): Promise<void> => {
      progress(`${scenario.name} ${round}/${rounds}: ${suite.title}`);
      try {
        results.add(suite, await scenario.measure(suite, plan));
      } catch (error) {
        results.fail(scenario, suite, round, error);
      }
    };
    if (scenario.isParallel === true) await Promise.all(plan.suites.map(measureSuite));
    else for (const suite of plan.suites) await measureSuite(suite);
  }
}
