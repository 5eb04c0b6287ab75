// Two figures of the same places as one: the one, the other, and how far the other is from it.

import { at, type Figure, measures } from "./frame.ts";

/** `names`: of the two. Null where their places are not the same, or no number of the one is measured in the other. */
export function beside(one: Figure, other: Figure, names: readonly [string, string]): Figure | null {
  const { axes } = one.frame;
  if (axes.length === 0 || JSON.stringify(axes) !== JSON.stringify(other.frame.axes)) return null;
  const columns = measures(one.frame).flatMap((column) => {
    const { name, unit, values } = column;
    const like = measures(other.frame).find((it) => it.name === name && it.unit === unit);
    if (like === undefined) return [];
    const apart = values.map((_, i) => {
      const [ours, theirs] = [at(column, i), at(like, i)];
      return ours === null || theirs === null ? null : theirs - ours;
    });
    return [{ name, unit, values: [...values, ...like.values, ...apart] }];
  });
  if (columns.length === 0) return null;
  const difference = `${names[1]} minus ${names[0]}`;
  return {
    name: "beside",
    title: `${names[0]} and ${names[1]}, and their difference`,
    caption: "All have one scale.",
    chart: "heat_map",
    frame: { axes: [{ name: "run", labels: [...names, difference] }, ...axes], columns },
    groups: [],
  };
}
