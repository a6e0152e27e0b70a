export interface Quantiles {
  n: number;
  p50: number;
  p95: number;
  p99: number;
}

/** By nearest rank: each is a value that was measured. NaN for no values. */
export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
  return { n: sorted.length, p50: rank(0.5), p95: rank(0.95), p99: rank(0.99) };
}

export function median(values: readonly number[]): number {
  return quantiles(values).p50;
}
