// The values of a histogram: a series for each label of the first axis, or for each group of its places.

import type { Options } from "../../text/options.ts";
import { at, type Column, type Figure, innerAxes, named } from "./frame.ts";

export interface Series {
  name: string;
  values: number[];
}

/** Of all labels, or of the one that is asked for; each split by groups of the last axis's places. Without values it is none. */
export function seriesOf(
  { frame, groups }: Figure,
  { series: only, split }: Options,
  column: Column,
): Series[] {
  const [labels, points] = innerAxes(frame);
  const by = groups.find(({ name }) => name === split) ?? { labels: [""], of: [] };
  const asked = labels.labels.filter((label) => label === only);
  const shown = asked.length > 0 ? asked : labels.labels;
  const all: Series[] = [];
  for (const [i, label] of labels.labels.entries()) {
    if (!shown.includes(label)) continue;
    const own = by.labels.map((group): Series => {
      const parts = [shown.length > 1 || group === "" ? named(labels.name, label) : "", named("", group)];
      return { name: parts.filter(Boolean).join(", "), values: [] };
    });
    for (const point of points.labels.keys()) {
      const value = at(column, i * points.labels.length + point);
      if (value !== null) own[by.of[point] ?? 0]?.values.push(value);
    }
    all.push(...own);
  }
  return all.filter(({ values }) => values.length > 0);
}
