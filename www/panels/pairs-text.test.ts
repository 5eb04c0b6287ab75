import { expect, it } from "vitest";
import type { DecompositionResult } from "../../pkg/cpu/patchbay.js";
import {
  largestCsv,
  largestPairs,
  largestTable,
  marksOf,
  marksText,
  sharesOf,
  sumText,
  toggled,
} from "./pairs-text.ts";

const RESULT = {
  components: ["bias", "W_E"],
  parts: [
    { label: "IO_dir|MLP0_dir", values: [1, -4, 0, 2] },
    { label: "IO_dir|MLP0_perp", values: [3, 0, 5, 1] },
  ],
} as unknown as DecompositionResult;

it("finds the largest pairs by size", () => {
  const pair = (query: string, key: string, plane: string, contribution: number, marked = false) => ({
    query,
    key,
    plane,
    contribution,
    share: (contribution / 8) * 100,
    marked,
  });
  const largest = largestPairs(RESULT, 3, ["bias W_E"]);
  expect(largest).toEqual([
    pair("W_E", "bias", "q∥ k⊥", 5),
    pair("bias", "W_E", "q∥ k∥", -4, true),
    pair("bias", "bias", "q∥ k⊥", 3),
  ]);
  expect(largestTable(largest).rows[1]).toEqual(["bias", "W_E", "q∥ k∥", "-4.0000", "-50.0%", "yes"]);
  expect(largestCsv(largest).split("\n")[2]).toBe("bias,W_E,q∥ k∥,-4,-50,true");
  expect(largestPairs(RESULT, 40, [])).toHaveLength(8);
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
  expect(marksText(RESULT, ["W_E bias x", "foo"])).toBe(
    "No pairs: W_E bias x, foo; expected such as 9.9 MLP_0.",
  );
});
