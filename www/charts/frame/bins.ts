// Counts of values in bins of one width, for several series.

import { roundStep, tidy } from "./numbers.ts";

export interface Binned {
  /** One more than there are bins. */
  edges: number[];
  series: { name: string; counts: number[]; count: number; mean: number }[];
}

/** About so many bins over all values, on round numbers. */
export function binned(series: readonly { name: string; values: readonly number[] }[], about = 30): Binned {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values } of series)
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  if (low > high) [low, high] = [0, 0];
  // Values that differ by next to nothing are one value.
  const spread = high - low;
  const size = Math.max(Math.abs(low), Math.abs(high));
  const step = roundStep((spread > size * 1e-9 ? spread : size || 1) / about);
  const first = Math.floor(low / step);
  // The largest value is in the last bin, also where it lies on an edge.
  const bins = Math.floor(high / step) - first + 1;
  return {
    edges: Array.from({ length: bins + 1 }, (_, i) => tidy((first + i) * step)),
    series: series.map(({ name, values }) => {
      const counts = Array<number>(bins).fill(0);
      for (const value of values) {
        const bin = Math.floor(value / step) - first;
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      return {
        name,
        counts,
        count: values.length,
        mean: values.reduce((sum, it) => sum + it, 0) / values.length,
      };
    }),
  };
}
