import { expect, it } from "vitest";
import type { ExperimentResult } from "../../pkg/cpu/patchbay.js";
import { headOf, whatText } from "./replacements-text.ts";

it("says what was replaced, by which head's output, and what was left out", () => {
  const result = (head: [number, number], conditions: string[], name_mover?: [number, number]) =>
    ({
      head,
      conditions: Object.fromEntries(conditions.map((name) => [name, {}])),
      spec: { experiment: "query_replacements", name_mover },
    }) as unknown as ExperimentResult;
  const all = ["clean", "name mover"];
  expect(whatText(result([10, 7], all, [9, 9]), all)).toBe("queries replaced · name mover 9.9");
  expect(whatText(result([2, 1], ["clean"]), all)).toBe(
    "queries replaced · left out “name mover”, since no name mover is below 2.1: name one",
  );
  expect(whatText(result([0, 1], ["clean"]), all)).toMatch(/since no name mover is below 0\.1$/);
});

it("reads a layer and a head", () => {
  expect(headOf(" 9.10 ")).toEqual([9, 10]);
  for (const text of ["", "9", "9.", "9.9.9", "-1.0", "nine"]) expect(headOf(text)).toBeNull();
});
