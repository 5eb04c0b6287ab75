// Rows as columns: a condition's values by prompt. Charts and statistics know no more of a run.

import type { Row } from "../../pkg/cpu/patchbay.js";

export interface Samples {
  /** The clean run first, then in the run's order. */
  conditions: string[];
  /** By condition, then by prompt. */
  values: number[][];
}

/** Of the scores' difference, END→IO minus END→S1. */
export function samplesOf(rows: readonly Row[]): Samples {
  const columns = new Map<string, number[]>();
  for (const { condition, position, prompt, value } of rows) {
    if (position !== "IO-S1") continue;
    let column = columns.get(condition);
    if (column === undefined) {
      column = [];
      columns.set(condition, column);
    }
    column[prompt] = value;
  }
  return { conditions: [...columns.keys()], values: [...columns.values()] };
}
