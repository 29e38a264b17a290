/** Distributions of measured times. Pure. */
export interface Distribution {
  count: number;
  min: number;
  median: number;
  p90: number;
  p99: number;
  max: number;
}

/** Quantile by linear interpolation between the two nearest ranks (R-7, the default of R and NumPy). */
export function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** null when nothing was measured. */
export function distributionOf(values: readonly number[]): Distribution | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(quantile(sorted, share));
  return { count: sorted.length, min: at(0), median: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
