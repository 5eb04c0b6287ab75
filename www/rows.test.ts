// Rows survive the way into columns and back, and across to another thread without a copy.

import { expect, it } from "vitest";
import type { Row } from "../pkg/cpu/patchbay.js";
import { buffersOf, columnsOf, rowCount, rowsOf } from "./rows.ts";

const ROWS: Row[] = ["clean", "patched, live LN", ""].flatMap((condition, i) =>
  (["IO", "S1", "IO-S1"] as const).map((position, j) => ({
    experiment: "e",
    condition,
    prompt: i * 70_000,
    layer: i,
    head: 900 + j,
    position,
    value: [0.1, -1e-300, 1 / 3][j] ?? 0,
  })),
);

it("rows are the same after the way through columns", () => {
  const columns = columnsOf(ROWS);
  expect(rowCount(columns)).toBe(ROWS.length);
  expect([...rowsOf(columns)]).toEqual(ROWS);
  expect([...rowsOf(columnsOf([]))]).toEqual([]);
});

it("columns change hands whole", () => {
  const columns = columnsOf(ROWS);
  const there = structuredClone(columns, { transfer: buffersOf(columns) });
  expect([...rowsOf(there)]).toEqual(ROWS);
  expect(rowCount(columns)).toBe(0);
});
