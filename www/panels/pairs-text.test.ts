import { expect, it } from "vitest";
import type { DecompositionResult } from "../../pkg/cpu/patchbay.js";
import { largestPairs, marksOf, marksText, toggled, totalOf } from "./pairs-text.ts";

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
  expect(totalOf(RESULT)).toBe(8);
});

it("marks any pair, and says which the model lacks", () => {
  expect(marksOf(" 9.9  MLP_0,, bias W_E ,bias W_E")).toEqual(["9.9 MLP_0", "bias W_E"]);
  expect(toggled("9.9 MLP_0", "bias W_E")).toBe("9.9 MLP_0, bias W_E");
  expect(toggled("9.9 MLP_0, bias W_E", "9.9 MLP_0")).toBe("bias W_E");
  expect(marksText(RESULT, ["9.9 MLP_0", "W_E bias"])).toBe(
    "Marked, over all planes: W_E × bias +62.5%. Not below this head: 9.9 MLP_0.",
  );
});
