// A result as tidy rows, a number each. They are made when they are asked for: as objects, those of 10 000 prompts in every
// control would be half a million.

import type { ExperimentResult } from "../pkg/cpu/patchbay.js";

/** One number of a result, for charts and spreadsheets. */
export interface Row {
  experiment: string;
  condition: string;
  prompt: number;
  layer: number;
  head: number;
  /** The key that END's score is for: IO, S1, or their difference. */
  position: "IO" | "S1" | "IO-S1";
  value: number;
}

type Conditions = Pick<ExperimentResult, "conditions">;

const POSITIONS = [
  ["IO", "io_score"],
  ["S1", "s1_score"],
  ["IO-S1", "diff"],
] as const;

export function rowCount({ conditions }: Conditions): number {
  return Object.values(conditions).reduce((count, { diff }) => count + POSITIONS.length * diff.length, 0);
}

/** Condition by condition, then position by position, then prompt by prompt. */
export function* rowsOf({ experiment, head: [layer, head], conditions }: ExperimentResult): Generator<Row> {
  for (const [condition, columns] of Object.entries(conditions)) {
    for (const [position, column] of POSITIONS) {
      for (const [prompt, value] of columns[column].entries())
        yield { experiment, condition, prompt, layer, head, position, value };
    }
  }
}
