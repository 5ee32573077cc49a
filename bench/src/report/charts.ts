import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

import { init } from "echarts";

import type { Contender } from "../contender.ts";
import type { Results } from "../results.ts";
import { curveMetric, curveSizes } from "../supervision/many.ts";

const directory = resolve(import.meta.dirname, "../../../docs/images");
const size = { width: 760, height: 420 } as const;

/** The curve of one contender: its figures by the number of services. */
interface Curve {
  readonly title: string;
  readonly points: readonly (readonly [services: number, figure: number])[];
}

/**
 * Draws the curves from one service to thousands, if they were measured, for docs/performance.md. Returns the Markdown that
 * shows them.
 */
export async function writeCharts(contenders: readonly Contender[], results: Results): Promise<string> {
  const charts = [
    { name: "cold-start", title: "Cold start, ms", metric: curveMetric.start },
    { name: "memory", title: "Written memory of the supervisors, MB", metric: curveMetric.memory },
  ];
  await mkdir(directory, { recursive: true });
  const shown: string[] = [];
  for (const { name, title, metric } of charts) {
    const curves = curvesOf(contenders, (contender, services) =>
      results.figure({ metric: metric(services), label: "" }, contender),
    );
    if (curves.length === 0) continue;
    await writeFile(resolve(directory, `many-${name}.svg`), drawChart(title, curves));
    shown.push(`![${title}, by the number of services](images/many-${name}.svg)`);
  }
  return shown.map((line) => `${line}\n\n`).join("");
}

function curvesOf(
  contenders: readonly Contender[],
  figure: (contender: string, services: number) => number | undefined,
): readonly Curve[] {
  const pointsOf = (name: string): Curve["points"] =>
    curveSizes.flatMap((services) => {
      const found = figure(name, services);
      return found === undefined ? [] : [[services, found] as const];
    });
  return [...new Map(contenders.map((one) => [one.name, one])).values()]
    .map(({ name, title }) => ({ title, points: pointsOf(name) }))
    .filter(({ points }) => points.length > 0);
}

/** An SVG with a line for each curve, both axes logarithmic. */
function drawChart(title: string, curves: readonly Curve[]): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: { text: title, left: 8, top: 6, textStyle: { fontSize: 15 } },
    legend: { right: 8, top: 40, orient: "vertical" },
    grid: { left: 64, right: 190, top: 44, bottom: 48 },
    xAxis: { type: "log", name: "services", nameLocation: "middle", nameGap: 30, min: 1, max: 3000 },
    yAxis: { type: "log" },
    series: curves.map(({ title: name, points }) => ({
      type: "line",
      name,
      data: points.map((point) => [...point]),
      symbolSize: 6,
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
