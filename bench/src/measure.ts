import type { Contender } from "./contender.ts";
import { progress } from "./progress.ts";
import type { Results } from "./results.ts";
import type { Scenario, Settings } from "./scenarios/scenario.ts";

/** What is to be measured. */
export interface Plan<C extends Contender> extends Settings {
  readonly scenarios: readonly Scenario<C>[];
  readonly contenders: readonly C[];
  readonly rounds: number;
}

/**
 * Measures everything.
 *
 * Each round of a scenario takes all contenders in turn, so that what changes on the machine meanwhile
 * changes all of them. A failure is noted, and the rest goes on.
 */
export async function measure<C extends Contender>(plan: Plan<C>, results: Results): Promise<void> {
  for (const scenario of plan.scenarios) {
    const rounds = Math.min(plan.rounds, scenario.mostRounds ?? Infinity);
    for (let round = 1; round <= rounds; round++) {
      await measureRound(scenario, round, rounds);
    }
  }

  async function measureRound(scenario: Scenario<C>, round: number, rounds: number): Promise<void> {
    const measureOne = async (contender: C): Promise<void> => {
      progress(`${scenario.name} ${round}/${rounds}: ${contender.title}`);
      try {
        results.add(contender, await scenario.measure(contender, plan));
      } catch (error) {
        results.fail(scenario, contender, round, error);
      }
    };
    if (scenario.isParallel === true) await Promise.all(plan.contenders.map(measureOne));
    else for (const contender of plan.contenders) await measureOne(contender);
  }
}
