import { quantile } from "../statistics.ts";
import type { Sample, Stage } from "./sample.ts";

const columns: readonly (keyof Sample)[] = ["private", "rss", "peak", "descriptors", "threads"];
const headings = ["", "", "count", "seconds", "private kB", "RSS kB", "peak kB", "descriptors", "threads"];

/** The stages of some suites as a table; where there are many processes, the median and the most of them. */
export function renderStages(bySuite: ReadonlyMap<string, readonly Stage[]>): string {
  const lines = [...bySuite].flatMap(([suite, stages]) =>
    stages.map(({ label, count, seconds, samples }, index) => [
      index === 0 ? suite : "",
      label,
      count.toLocaleString("en"),
      seconds.toFixed(1),
      ...columns.map((column) => renderRange(samples.map((sample) => sample[column]))),
    ]),
  );
  const all = [headings, ...lines];
  const widths = headings.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  return all
    .map((line) =>
      line
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function renderRange(values: readonly number[]): string {
  const middle = Math.round(quantile(values, 0.5)).toLocaleString("en");
  const most = Math.max(...values).toLocaleString("en");
  return middle === most ? middle : `${middle} (${most})`;
}
