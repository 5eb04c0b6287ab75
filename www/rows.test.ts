import { expect, it } from "vitest";
import type { ExperimentResult } from "../pkg/cpu/patchbay.js";
import { rowCount, rowsOf } from "./rows.ts";

it("every number of a result is in one row", () => {
  const condition = (first: number) => ({
    mean_diff: 0,
    diff: [first, first + 1],
    io_score: [first + 2, first + 3],
    s1_score: [first + 4, first + 5],
    io_probability: [0.5, 0.5],
  });
  const result = {
    experiment: "e",
    head: [10, 7],
    conditions: { clean: condition(0), "patched, live LN": condition(10) },
  } as unknown as ExperimentResult;
  const rows = [...rowsOf(result)];
  expect(rows).toHaveLength(12);
  expect(rowCount(result)).toBe(12);
  expect(rows.slice(5, 7)).toEqual([
    { experiment: "e", condition: "clean", prompt: 1, layer: 10, head: 7, position: "IO-S1", value: 1 },
    {
      experiment: "e",
      condition: "patched, live LN",
      prompt: 0,
      layer: 10,
      head: 7,
      position: "IO",
      value: 12,
    },
  ]);
  expect(rows.map(({ value }) => value)).toEqual([2, 3, 4, 5, 0, 1, 12, 13, 14, 15, 10, 11]);
});
