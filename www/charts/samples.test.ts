import { expect, it } from "vitest";
import { samplesOf } from "./samples.ts";

it("values are the scores' differences, by condition and prompt", () => {
  const condition = (diff: number[]) => ({ mean_diff: 0, diff, io_score: [99, 99], s1_score: [98, 98] });
  const conditions = { clean: condition([10, 11]), "no-op": condition([20, 21]) };
  expect(samplesOf({ conditions })).toEqual({
    conditions: ["clean", "no-op"],
    values: [
      [10, 11],
      [20, 21],
    ],
  });
});
