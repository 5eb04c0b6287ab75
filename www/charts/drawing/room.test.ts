import { expect, it } from "vitest";
import { columnsFor } from "./facets.tsx";
import { cut, widthOf, wrapped } from "./room.ts";

it("texts take more room, the wider their letters and the larger they are", () => {
  expect(widthOf("ill")).toBeLessThan(widthOf("WWW"));
  expect(widthOf("a", { size: 24 })).toBe(2 * widthOf("a"));
  expect(widthOf("a", { bold: true })).toBeGreaterThan(widthOf("a"));
  expect(widthOf("東京")).toBeGreaterThan(widthOf("ab"));
});

it("texts are broken at spaces, or cut between characters", () => {
  expect(wrapped("W_U of two random names", 100)).toEqual(["W_U of two", "random names"]);
  expect(wrapped("", 90)).toEqual([]);
  expect(cut("clean", 76)).toBe("clean");
  expect(cut("patched at END only", 76)).toBe("patched a…");
  expect(cut("🙂🙂🙂🙂🙂🙂", 50)).toBe("🙂🙂…");
  expect(widthOf(cut("patched at END only", 76))).toBeLessThanOrEqual(76);
});

it("maps stand beside each other without one alone in a row", () => {
  expect(columnsFor(4, 300, 1000)).toBe(2);
  expect(columnsFor(4, 200, 1000)).toBe(4);
  expect(columnsFor(3, 900, 800)).toBe(1);
});
