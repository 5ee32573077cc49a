/** Heights, the lowest one first. */
const heights = { blocks: "▁▂▃▄▅▆▇█", ascii: "_.-:=+*#" } as const;

/** From and to which value a curve goes. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/**
 * The last values as a curve of one line, the newest one at its end.
 *
 * @param width in columns; where there are fewer values, it begins with blanks.
 */
export function curve(values: readonly number[], width: number, { low, high }: Span, isAscii: boolean): string {
  const shapes = heights[isAscii ? "ascii" : "blocks"];
  const shown = width === 0 ? [] : values.slice(-width);
  const drawn = shown.map((value) => {
    const part = high > low ? (value - low) / (high - low) : 0;
    return shapes[Math.min(shapes.length - 1, Math.max(0, Math.floor(part * shapes.length)))] ?? "";
  });
  return drawn.join("").padStart(width);
}

/** A processor that is little used makes no mountains: the top is at a fifth of one at least. */
const leastTop = 20;

export function processorSpan(values: readonly number[]): Span {
  return { low: 0, high: Math.max(leastTop, ...values) };
}

/** Memory that hardly changes is a flat line: the curve spans a tenth of it at least. */
const leastPart = 0.1;

export function memorySpan(values: readonly number[]): Span {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { low, high: Math.max(high, low * (1 + leastPart)) };
}
