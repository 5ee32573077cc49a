import { mixedSuite, ourSuites, stock, type Suite } from "../core/suites.ts";

/** Our upkeep web with our runsv, and with stock runsv, which has no state.json. */
export const webSuites: readonly Suite[] = [
  ...ourSuites,
  ...ourSuites
    .filter(() => stock.available)
    .map((suite) => mixedSuite(`upkeep web of ${suite.name}, stock runsv`, stock, { "upkeep-web": suite, sv: suite })),
];
