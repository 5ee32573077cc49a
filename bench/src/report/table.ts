import type { Contender } from "../contender.ts";
import type { Group } from "../groups.ts";
import type { Results } from "../results.ts";
import type { Row } from "../scenario.ts";

/** The table of results: a heading, and then for each scenario a title and its lines. */
export interface Table {
  readonly heading: readonly string[];
  readonly sections: readonly { readonly title: string; readonly lines: readonly (readonly string[])[] }[];
}

/** Makes the table; ratios refer to the first contender. */
export function makeTable({ scenarios, contenders }: Group, results: Results): Table {
  const [reference] = contenders;
  const cell = (scenario: string, row: Row, { name }: Contender): string => {
    const figure = results.figure(row, name);
    if (figure === undefined) return results.hasFailed(scenario, name) ? "error" : "–";
    const compared =
      reference === undefined || name === reference.name ? undefined : results.figure(row, reference.name);
    return renderNumber(figure) + renderRatio(figure, compared);
  };
  return {
    heading: ["", ...contenders.map(({ title }) => title), "budget", ""],
    sections: scenarios.map(({ name, title, rows }) => ({
      title,
      lines: rows.map((row) => [
        row.unit === undefined ? row.label : `${row.label}, ${row.unit}`,
        ...contenders.map((contender) => cell(name, row, contender)),
        renderBudget(row, reference),
        renderVerdict(row, contenders, results),
      ]),
    })),
  };
}

/** A figure with its significant digits. */
function renderNumber(value: number): string {
  // 0 means never: it must not look like a small number.
  if (value === 0) return "0";
  const size = Math.abs(value);
  const digits = size < 1 ? 2 : size < 10 ? 1 : 0;
  return value.toFixed(digits).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** How many times the reference a figure is; empty if that has no meaning. */
function renderRatio(value: number, reference: number | undefined): string {
  if (reference === undefined || reference <= 0 || value <= 0) return "";
  const ratio = value / reference;
  return ` (${ratio < 10 ? Number(ratio.toPrecision(2)) : ratio.toFixed(0)}×)`;
}

/** The budget of a row; empty when it has none. */
function renderBudget({ budget }: Row, reference: Contender | undefined): string {
  if (budget === undefined) return "";
  if ("timesBest" in budget) return `${budget.timesBest}× the best other`;
  if ("timesReference" in budget) return `${budget.timesReference}× ${reference?.title ?? ""}`;
  return [...new Set(Object.values(budget.atMost))].map(renderNumber).join(" / ");
}

/** Says whether the budget is met, by build where they differ; empty when there is none, or nothing was measured. */
function renderVerdict(row: Row, contenders: readonly Contender[], results: Results): string {
  const verdicts = contenders.flatMap(({ name, title }) => {
    const isMet = keepsBudget(row, name, contenders, results);
    return isMet === null ? [] : [{ title, verdict: isMet ? "met" : "missed" }];
  });
  const distinct = new Set(verdicts.map(({ verdict }) => verdict));
  if (distinct.size <= 1) return [...distinct].join("");
  return verdicts.map(({ title, verdict }) => `${title} ${verdict}`).join(", ");
}

/** Null when there is no budget for it, or nothing was measured. */
function keepsBudget(row: Row, name: string, contenders: readonly Contender[], results: Results): boolean | null {
  const { budget } = row;
  const figure = results.figure(row, name);
  if (budget === undefined || figure === undefined) return null;
  if ("atMost" in budget) {
    const limit = budget.atMost[name];
    return limit === undefined ? null : figure <= limit;
  }
  if (!budget.builds.includes(name)) return null;
  if ("timesReference" in budget) {
    const reference = results.figure(row, contenders[0]?.name ?? "");
    return reference === undefined ? null : figure <= budget.timesReference * reference;
  }
  const best = Math.max(...budget.peers.map((peer) => results.figure(row, peer) ?? 0));
  return best === 0 ? null : figure >= budget.timesBest * best;
}

/** The table for a terminal. */
export function renderText({ heading, sections }: Table): string {
  const columns = columnsOf([heading, ...sections.flatMap(({ lines }) => lines)]);
  const isText = (column: number): boolean => column === 0 || column === heading.length - 1;
  const renderLine = (line: readonly string[]): string =>
    line
      .map((cell, column) => {
        const width = (columns[column] ?? 0) + 2;
        return isText(column) ? `  ${cell}`.padEnd(width) : cell.padStart(width);
      })
      .join("")
      .trimEnd();
  const body = sections.flatMap(({ title, lines }) => ["", title, ...lines.map(renderLine)]);
  return [renderLine(heading), ...body, ""].join("\n");
}

/** The width of each column. */
export function columnsOf(lines: readonly (readonly string[])[]): readonly number[] {
  return (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
}

/** In Markdown, a table of its own for each scenario: one title among all lines would make the first column too wide. */
export function renderMarkdown({ heading, sections }: Table): string {
  return sections.map(({ title, lines }) => `#### ${title}\n\n${renderSection(heading, lines)}\n`).join("\n");
}

/** Leaves out the columns in which no line has anything, such as the budget. */
function renderSection(heading: readonly string[], lines: readonly (readonly string[])[]): string {
  const columns = [...heading.keys()].filter((column) => lines.some((line) => line[column]?.trim() !== ""));
  const isText = (column: number): boolean => column === 0 || column === heading.length - 1;
  const renderLine = (line: readonly string[]): string =>
    `| ${columns.map((column) => line[column]?.trim() ?? "").join(" | ")} |`;
  const alignment = heading.map((_, column) => (isText(column) ? "---" : "---:"));
  return [heading, alignment, ...lines].map(renderLine).join("\n");
}
