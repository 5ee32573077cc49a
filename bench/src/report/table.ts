import type { Contender } from "../contender.ts";
import type { Results } from "../results.ts";
import type { Row, Subject } from "../scenarios/scenario.ts";
import { renderBudget, renderVerdict } from "./budget.ts";
import { renderLabel, renderNumber, renderRatio } from "./figures.ts";

/** The table of results: a heading, and then for each scenario a title and its lines. */
export interface Table {
  readonly heading: readonly string[];
  readonly sections: readonly { readonly title: string; readonly lines: readonly (readonly string[])[] }[];
}

/** Makes the table; ratios refer to the first contender. */
export function makeTable(subjects: readonly Subject[], contenders: readonly Contender[], results: Results): Table {
  return {
    heading: ["", ...contenders.map(({ title }) => title), "budget", ""],
    sections: subjects.map((subject) => ({
      title: subject.title,
      lines: subject.rows.map((row) => makeLine(subject, row, contenders, results)),
    })),
  };
}

function makeLine(subject: Subject, row: Row, contenders: readonly Contender[], results: Results): readonly string[] {
  const [reference] = contenders;
  const cells = contenders.map((contender) => {
    const figure = results.figure(row, contender.name);
    if (figure === undefined) return results.hasFailed(subject, contender.name) ? "error" : "–";
    const referenceFigure =
      contender === reference || reference === undefined ? undefined : results.figure(row, reference.name);
    const ratio = renderRatio(figure, referenceFigure);
    return renderNumber(figure) + (ratio && ` (${ratio})`);
  });
  return [renderLabel(row), ...cells, renderBudget(row), renderVerdict(row, contenders, results)];
}

/** The table for a terminal. */
export function renderText({ heading, sections }: Table): string {
  const all = [heading, ...sections.flatMap(({ lines }) => lines)];
  const widths = heading.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const renderLine = (line: readonly string[]): string =>
    line
      .map((cell, column) => {
        const width = (widths[column] ?? 0) + 2;
        const isText = column === 0 || column === line.length - 1;
        return isText ? `  ${cell}`.padEnd(width) : cell.padStart(width);
      })
      .join("")
      .trimEnd();
  return [
    renderLine(heading),
    ...sections.flatMap(({ title, lines }) => ["", title, ...lines.map(renderLine)]),
    "",
  ].join("\n");
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
