// Rows as columns: a condition's values by prompt. Charts and statistics know no more of a run.

import type { RowColumns } from "../rows.ts";

export interface Samples {
  /** The clean run first, then in the run's order. */
  conditions: string[];
  /** By condition, then by prompt. */
  values: number[][];
}

/** Of the scores' difference, END→IO minus END→S1. */
export function samplesOf({ texts, condition, position, prompt, value }: RowColumns): Samples {
  const columns = new Map<number, number[]>();
  const difference = texts.indexOf("IO-S1");
  for (let row = 0; row < value.length; row += 1) {
    if (position[row] !== difference) continue;
    const name = condition[row] ?? 0;
    let column = columns.get(name);
    if (column === undefined) {
      column = [];
      columns.set(name, column);
    }
    column[prompt[row] ?? 0] = value[row] ?? Number.NaN;
  }
  return { conditions: [...columns.keys()].map((name) => texts[name] ?? ""), values: [...columns.values()] };
}
