/** The value below which half of the samples lie; NaN of none. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The value below which this part of the samples lies, interpolated between neighbours; NaN of none. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  const position = (sorted.length - 1) * part;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}
