import type { Span } from "@upkeep/client/core/curve";

/** A box for a curve, in pixels. */
export interface Box {
  readonly width: number;
  readonly height: number;
}

/** What an SVG needs for a curve: the line, and the area below it. Both are empty where there are fewer than two values. */
export interface Spark {
  readonly line: string;
  readonly area: string;
}

/**
 * Draws the last values so that the newest one is at the right end.
 *
 * @param capacity how many values fill the box; fewer begin farther to the right, so that time has one scale everywhere.
 */
export function spark(values: readonly number[], capacity: number, { low, high }: Span, box: Box): Spark {
  const shown = values.slice(-capacity);
  if (shown.length < 2) return { line: "", area: "" };
  const step = box.width / Math.max(1, capacity - 1);
  const start = box.width - (shown.length - 1) * step;
  // A stroke of one pixel and a half stays inside.
  const [top, bottom] = [1, box.height - 1];
  const points = shown.map((value, index) => {
    const part = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
    return `${round(start + index * step)} ${round(bottom - part * (bottom - top))}`;
  });
  const line = `M${points.join("L")}`;
  return { line, area: `${line}L${round(box.width)} ${box.height}L${round(start)} ${box.height}Z` };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
