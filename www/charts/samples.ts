// A condition's values by prompt. Charts and statistics know no more of a run.

import type { ExperimentResult } from "../../pkg/cpu/patchbay.js";

export interface Samples {
  /** The clean run first, then in the run's order. */
  conditions: string[];
  /** By condition, then by prompt. */
  values: number[][];
}

/** Of the scores' difference, END→IO minus END→S1. */
export function samplesOf({ conditions }: Pick<ExperimentResult, "conditions">): Samples {
  return {
    conditions: Object.keys(conditions),
    values: Object.values(conditions).map(({ diff }) => diff),
  };
}
