import { expect, it } from "vitest";
import type { Row } from "../../pkg/cpu/patchbay.js";
import { columnsOf } from "../rows.ts";
import { samplesOf } from "./samples.ts";

it("values are by condition and prompt, whatever the order of the rows", () => {
  const row = (
    condition: string,
    prompt: number,
    value: number,
    position: Row["position"] = "IO-S1",
  ): Row => ({
    experiment: "e",
    condition,
    prompt,
    layer: 0,
    head: 0,
    position,
    value,
  });
  const rows = [
    row("clean", 1, 11),
    row("clean", 0, 10),
    row("no-op", 0, 20),
    row("clean", 0, 99, "IO"),
    row("no-op", 1, 21),
  ];
  expect(samplesOf(columnsOf(rows))).toEqual({
    conditions: ["clean", "no-op"],
    values: [
      [10, 11],
      [20, 21],
    ],
  });
});
