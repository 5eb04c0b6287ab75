import { expect, it } from "vitest";
import { placeAfter } from "./grid.ts";

const LAST = { row: 2, column: 3 };

it("arrow keys move by one and stop at the edges", () => {
  const from = { row: 0, column: 3 };
  expect(placeAfter("ArrowLeft", from, LAST)).toEqual({ row: 0, column: 2 });
  expect(placeAfter("ArrowRight", from, LAST)).toEqual(from);
  expect(placeAfter("ArrowUp", from, LAST)).toEqual(from);
  expect(placeAfter("ArrowDown", from, LAST)).toEqual({ row: 1, column: 3 });
});

it("Home and End lead to the ends of the row, other keys nowhere", () => {
  const from = { row: 1, column: 1 };
  expect(placeAfter("Home", from, LAST)).toEqual({ row: 1, column: 0 });
  expect(placeAfter("End", from, LAST)).toEqual({ row: 1, column: 3 });
  expect(placeAfter("Tab", from, LAST)).toBeNull();
});
