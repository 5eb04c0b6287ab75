import { describe, expect, it } from "vitest";
import { columnsFor, sharedDomain } from "./scatter.ts";
import { cut, wrapped } from "./theme.ts";

describe("the scatter plots", () => {
  it("share one scale that holds every value, with room at both ends", () => {
    const [low, high] = sharedDomain([
      [1, 5],
      [-2, 3],
    ]);
    expect(low).toBeCloseTo(-2.28, 10);
    expect(high).toBeCloseTo(5.28, 10);
  });

  it("have a scale for one value and for none", () => {
    for (const values of [[[3], [3]], [[0], [0]], []]) {
      const [low, high] = sharedDomain(values);
      expect(low).toBeLessThan(high);
    }
  });

  it("are two beside each other on a phone, and more on a wide page", () => {
    expect(columnsFor(2, 340)).toBe(2);
    expect(columnsFor(10, 340)).toBe(2);
    expect(columnsFor(10, 790)).toBe(3);
    // One alone is no larger than one of two.
    expect(columnsFor(1, 790)).toBe(2);
  });
});

it("names are broken at spaces, or cut", () => {
  expect(wrapped("W_U of two random names", 12)).toBe("W_U of two\nrandom names");
  expect(wrapped("clean", 12)).toBe("clean");
  expect(cut("clean", 76)).toBe("clean");
  expect(cut("patched at END only", 76)).toBe("patched a…");
});
