import { start } from "./commands/start.ts";
import { allUserChangers } from "./commands/user-changers.ts";
import { type Contender, missingPrograms } from "./contender.ts";
import { allLoggers } from "./logging/loggers.ts";
import { allPrefixers, prefixing } from "./logging/prefixing.ts";
import { stall } from "./logging/stall.ts";
import { throughput } from "./logging/throughput.ts";
import { measure, type Plan } from "./measure.ts";
import type { Results } from "./results.ts";
import { allScenarios } from "./scenarios/all.ts";
import { ordering } from "./scenarios/ordering.ts";
import type { Scenario, Subject } from "./scenarios/scenario.ts";
import { allSuites } from "./suites/all.ts";
import { node, standalone } from "./suites/runit.ts";

/** What is shown in one table: the same scenarios for the same contenders. */
export interface Group {
  readonly title: string;
  readonly subjects: readonly Subject[];
  /** Those that are installed, the one that ratios refer to first. */
  readonly contenders: readonly Contender[];
  readonly skipped: readonly Contender[];
  /** Measures some of the subjects. */
  measure(
    subjects: readonly Subject[],
    how: Pick<Plan<Contender>, "rounds" | "isQuick">,
    results: Results,
  ): Promise<void>;
}

/** Everything that is measured. */
export const allGroups: readonly Group[] = [
  group("Supervision", allSuites, allScenarios),
  group("Ordering", [standalone, node], [ordering]),
  group("Logging", allLoggers, [...throughput, stall]),
  group("Prefixes", allPrefixers, [prefixing]),
  group("Run scripts", allUserChangers, [start]),
];

function group<C extends Contender>(title: string, all: readonly C[], scenarios: readonly Scenario<C>[]): Group {
  const contenders = all.filter((contender) => missingPrograms(contender).length === 0);
  return {
    title,
    subjects: scenarios,
    contenders,
    skipped: all.filter((contender) => !contenders.includes(contender)),
    measure: (subjects, how, results) =>
      measure({ ...how, contenders, scenarios: scenarios.filter((one) => subjects.includes(one)) }, results),
  };
}
