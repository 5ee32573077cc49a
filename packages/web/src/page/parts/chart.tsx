import { memory } from "@upkeep/client/core/amounts";
import { memorySpan, processorSpan } from "@upkeep/client/core/curve";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import UPlot, { type Options } from "uplot";

import type { PageService } from "../../core/page/rows.ts";
import { memoryText, percentText } from "../../core/page/words.ts";
import { useStore } from "../store.ts";
import { clockTime, tickTime } from "../times.ts";
import { Card } from "./card.tsx";

/** What a service has used in the last minutes. */
export function Charts({ service }: { readonly service: PageService }): JSX.Element {
  const { use, percents, bytes } = service;
  return (
    <>
      <Chart
        title="CPU"
        now={percentText(use)}
        values={percents}
        kind="cpu"
        show={(value) => `${value.toFixed(1)} %`}
      />
      <Chart title="Memory" now={memoryText(use)} values={bytes} kind="memory" show={(value) => memory(value)} />
    </>
  );
}

interface ChartProps {
  readonly title: string;
  readonly now: string;
  readonly values: readonly number[];
  readonly kind: "cpu" | "memory";
  readonly show: (value: number) => string;
}

const height = 104;
/** Seconds between the marks of the times. */
const timeSteps = [5, 10, 15, 30, 60, 120, 300, 600];
/** Less time than this is never shown, in seconds: what has not been measured yet stays empty. */
const leastTime = 60;
/** Bytes between the lines of a scale: 1 kB, 2 kB, 4 kB ... */
const binarySteps = Array.from({ length: 36 }, (_, index) => 2 ** (10 + index));

function Chart({ title, now, values, kind, show }: ChartProps): JSX.Element {
  const { model, isDark } = useStore();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const dark = isDark.value;
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const made = new UPlot(optionsFor(element, kind, show), [[], []], element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Colours of a canvas are drawn, so another theme needs another one.
  }, [dark, kind]);
  useEffect(() => {
    const times = model.value.sampledAt.slice(model.value.sampledAt.length - values.length);
    plot.current?.setData([times.map((at) => at / 1000), [...values]]);
  }, [values, dark]);
  return (
    <Card title={title} note={now} kind="chart">
      <div
        class={values.length < 2 ? "plot empty" : "plot"}
        ref={box}
        role="img"
        aria-label={`${title} in the last minutes, now ${now}`}
      />
    </Card>
  );
}

function optionsFor(element: HTMLElement, kind: "cpu" | "memory", show: (value: number) => string): Options {
  const colours = getComputedStyle(element);
  const colour = (name: string): string => colours.getPropertyValue(name).trim();
  const font = `11px ${colours.fontFamily}`;
  const axis = {
    font,
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const span = kind === "cpu" ? processorSpan : memorySpan;
  return {
    width: element.clientWidth,
    height,
    pxAlign: true,
    padding: [6, 28, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: {
        range: (_self, low, high) => [Math.min(low ?? 0, (high ?? 0) - leastTime), high ?? leastTime],
      },
      y: {
        range: (self) => {
          const { low, high } = span((self.data[1] as number[]).filter((value) => value > 0 || kind === "cpu"));
          return Number.isFinite(low) ? [kind === "cpu" ? 0 : low * 0.98, high * 1.02] : [0, 1];
        },
      },
    },
    axes: [
      {
        ...axis,
        size: 22,
        space: 70,
        incrs: timeSteps,
        values: (_self, marks, _axis, _space, step) => marks.map((at) => tickTime(at * 1000, step)),
      },
      {
        ...axis,
        size: 52,
        space: 24,
        ...(kind === "memory" ? { incrs: binarySteps } : {}),
        values: (_self, marks) => marks.map(show),
      },
    ],
    series: [
      {},
      {
        stroke: colour(`--${kind}`),
        fill: colour(`--${kind}-area`),
        width: 1.5,
        points: { show: false },
      },
    ],
    hooks: { setCursor: [(self) => tell(self, show)] },
  };
}

/** What is under the pointer, in words. */
function tell(self: UPlot, show: (value: number) => string): void {
  const { idx } = self.cursor;
  const value = idx === null || idx === undefined ? null : self.data[1]?.[idx];
  const at = idx === null || idx === undefined ? null : self.data[0][idx];
  self.root.title =
    value === null || value === undefined || at === null || at === undefined
      ? ""
      : `${show(value)} at ${clockTime(at * 1000)}`;
}
