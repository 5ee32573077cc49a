import { chpst, userChangers } from "./chpst.ts";
import { type Contender, isInstalled } from "./contender.ts";
import { loggers } from "./logging/loggers.ts";
import { prefixers, prefixing } from "./logging/prefixing.ts";
import { readers, reading } from "./logging/reading.ts";
import { stall } from "./logging/stall.ts";
import { throughput } from "./logging/throughput.ts";
import type { Scenario } from "./scenario.ts";
import { allSuites, inlineSuites, ourSuites } from "./suites.ts";
import { crash, restart, shutdown, status } from "./supervision/control.ts";
import { idle, memory } from "./supervision/idle.ts";
import { many, thousand } from "./supervision/many.ts";
import { ordering } from "./supervision/ordering.ts";
import { quiet } from "./supervision/quiet.ts";
import { coldStart, newService } from "./supervision/start.ts";
import { web } from "./supervision/web.ts";

/** What is shown in one table: the same scenarios for the same contenders. */
export interface Group {
  readonly title: string;
  /** Those that are installed, the one that ratios refer to first. */
  readonly contenders: readonly Contender[];
  readonly skipped: readonly Contender[];
  readonly scenarios: readonly Scenario[];
}

/** The one whose figures are also drawn as curves. */
export const curvesGroup = "Many services";

/** Everything that is measured. */
export const allGroups: readonly Group[] = [
  group("Supervision", allSuites, [coldStart, crash, newService, restart, status, shutdown, memory, idle]),
  group(curvesGroup, allSuites, [many, thousand]),
  group("A quiet service", [...ourSuites, ...inlineSuites], [quiet]),
  group("A server that shows services", ourSuites, [web]),
  group("Ordering", [...ourSuites, ...inlineSuites], [ordering]),
  group("Logging", loggers, [...throughput, stall]),
  group("Reading", readers, [reading]),
  group("Prefixes", prefixers, [prefixing]),
  group("Run scripts", userChangers, [chpst]),
];

function group<C extends Contender>(title: string, all: readonly C[], scenarios: readonly Scenario<C>[]): Group {
  const contenders = all.filter(isInstalled);
  return { title, contenders, skipped: all.filter((one) => !contenders.includes(one)), scenarios };
}
