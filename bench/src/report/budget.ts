import type { Contender } from "../contender.ts";
import type { Results } from "../results.ts";
import type { Row } from "../scenarios/scenario.ts";
import { renderNumber } from "./figures.ts";

/** The budget of a row; empty when it has none. */
export function renderBudget({ budget }: Row): string {
  if (budget === undefined) return "";
  if ("timesBest" in budget) return `${budget.timesBest}× the best other`;
  return [...new Set(Object.values(budget.atMost))].map(renderNumber).join(" / ");
}

/** Whether the budget is met, by build where they differ; empty when there is none, or nothing was measured. */
export function renderVerdict(row: Row, contenders: readonly Contender[], results: Results): string {
  const verdicts = contenders.flatMap(({ name, title }) => {
    const isMet = keepsBudget(row, name, results);
    return isMet === null ? [] : [{ title, verdict: isMet ? "met" : "missed" }];
  });
  const distinct = new Set(verdicts.map(({ verdict }) => verdict));
  if (distinct.size <= 1) return [...distinct].join("");
  return verdicts.map(({ title, verdict }) => `${title} ${verdict}`).join(", ");
}

/** Null when there is no budget for it, or nothing was measured. */
function keepsBudget(row: Row, name: string, results: Results): boolean | null {
  const { budget } = row;
  const figure = results.figure(row, name);
  if (budget === undefined || figure === undefined) return null;
  if ("atMost" in budget) {
    const limit = budget.atMost[name];
    return limit === undefined ? null : figure <= limit;
  }
  if (!budget.builds.includes(name)) return null;
  const best = Math.max(...budget.peers.map((peer) => results.figure(row, peer) ?? 0));
  return best === 0 ? null : figure >= budget.timesBest * best;
}
