// Counts of values in bins of one width, by group.

import { mean } from "../statistics.ts";

export interface Binned {
  /** One more than there are bins. */
  edges: number[];
  groups: { name: string; counts: number[]; prompts: number; mean: number }[];
}

/** About so many bins over all values, on round numbers. `groups`: a name for each value; they come sorted. */
export function binned(values: readonly number[], groups: readonly string[], about = 24): Binned {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const step = roundStep((high - low || Math.abs(high) || 1) / about);
  const first = Math.floor(low / step);
  // The largest value is in the last bin, also where it lies on an edge.
  const bins = Math.floor(high / step) - first + 1;
  const edges = Array.from({ length: bins + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  const byGroup = new Map<string, number[]>();
  values.forEach((value, i) => {
    const name = groups[i] ?? "";
    const own = byGroup.get(name);
    if (own === undefined) byGroup.set(name, [value]);
    else own.push(value);
  });
  const names = [...byGroup.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return {
    edges,
    groups: names.map((name) => {
      const own = byGroup.get(name) ?? [];
      const counts = Array<number>(bins).fill(0);
      for (const value of own) {
        const bin = Math.floor(value / step) - first;
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      return { name, counts, prompts: own.length, mean: mean(own) };
    }),
  };
}

/** The nearest of 1, 2 and 5 times a power of ten, as a ratio. */
export function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  const [step = power] = [1, 2, 5, 10]
    .map((times) => times * power)
    .sort((a, b) => Math.abs(Math.log(a / wanted)) - Math.abs(Math.log(b / wanted)));
  return step;
}
