import { expect, it } from "vitest";
import type { DecompositionResult } from "../../pkg/cpu/patchbay.js";
import { largestPairs, marksOf, marksText, sharesOf, sumText, toggled } from "./pairs-text.ts";

const RESULT = {
  components: ["bias", "W_E"],
  parts: [
    { label: "IO_dir|MLP0_dir", values: [1, -4, 0, 2] },
    { label: "IO_dir|MLP0_perp", values: [3, 0, 5, 1] },
  ],
} as unknown as DecompositionResult;

it("finds the largest pairs by size", () => {
  expect(largestPairs(RESULT, 3)).toEqual([
    { plane: 1, query: 1, key: 0, value: 5 },
    { plane: 0, query: 0, key: 1, value: -4 },
    { plane: 1, query: 0, key: 0, value: 3 },
  ]);
  expect(largestPairs(RESULT, 40)).toHaveLength(8);
  expect(sharesOf(RESULT)(2)).toBe(25);
});

it("keeps the sign of a contribution where all of them lower the score", () => {
  const lowered = {
    ...RESULT,
    parts: RESULT.parts.map((part) => ({ ...part, values: part.values.map((value) => -value) })),
  };
  expect(sharesOf(lowered)(-2)).toBe(-25);
  expect(sumText(lowered)).toBe(
    "100 % is the size of all contributions' sum, -8.0000: 4.0000 of those that raise the score, -12.0000 of those that lower it.",
  );
});

it("marks any pair, and says which the model lacks", () => {
  expect(marksOf(" 9.9  MLP_0,, bias W_E ,bias W_E")).toEqual(["9.9 MLP_0", "bias W_E"]);
  expect(toggled("9.9 MLP_0", "bias W_E")).toBe("9.9 MLP_0, bias W_E");
  expect(toggled("9.9 MLP_0, bias W_E", "9.9 MLP_0")).toBe("bias W_E");
  expect(marksText(RESULT, ["9.9 MLP_0", "W_E bias"])).toBe(
    "Marked, over all planes: W_E × bias +62.5%. Not below this head: 9.9 MLP_0.",
  );
});
