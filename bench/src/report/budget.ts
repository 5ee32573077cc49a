import type { Results } from "../results.ts";
import type { Row } from "../scenarios/scenario.ts";
import type { Suite } from "../suites/suite.ts";
import { renderNumber } from "./figures.ts";

/** The budget of a row; empty when it has none. */
export function renderBudget({ budget }: Row): string {
  return [...new Set(Object.values(budget ?? {}))].map(renderNumber).join(" / ");
}

/** Whether the budget is met, by build where they differ; empty when there is none, or nothing was measured. */
export function renderVerdict(row: Row, suites: readonly Suite[], results: Results): string {
  const verdicts = suites.flatMap(({ name, title }) => {
    const limit = row.budget?.[name];
    const figure = results.figure(row, name);
    if (limit === undefined || figure === undefined) return [];
    return [{ title, verdict: figure <= limit ? "met" : "missed" }];
  });
  const distinct = new Set(verdicts.map(({ verdict }) => verdict));
  if (distinct.size <= 1) return [...distinct].join("");
  return verdicts.map(({ title, verdict }) => `${title} ${verdict}`).join(", ");
}
