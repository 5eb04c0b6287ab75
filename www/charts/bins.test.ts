import { describe, expect, it } from "vitest";
import { binned, roundStep } from "./bins.ts";

describe("bins", () => {
  it("hold every value once, each between its edges, in the same bins for all groups", () => {
    const values = Array.from({ length: 200 }, (_, i) => Math.sin(i * 7) * 3);
    const groups = values.map((_, i) => (i % 3 === 0 ? "ABBA" : "BABA"));
    const bins = binned(values, groups);
    expect(bins.groups.map(({ name, prompts }) => [name, prompts])).toEqual([
      ["ABBA", 67],
      ["BABA", 133],
    ]);
    for (const group of bins.groups) {
      expect(group.counts).toHaveLength(bins.edges.length - 1);
      group.counts.forEach((count, i) => {
        const [low = 0, high = 0] = bins.edges.slice(i, i + 2);
        const own = values.filter((_, j) => groups[j] === group.name);
        // An edge is rounded for reading; none of these values is within a rounding of one.
        expect(count).toBe(own.filter((value) => value >= low && value < high).length);
      });
    }
  });

  it("have the largest value in the last one, also on an edge", () => {
    const { edges, groups } = binned([0, 1, 2], ["a", "a", "a"], 2);
    expect(edges).toEqual([0, 1, 2, 3]);
    expect(groups[0]?.counts).toEqual([1, 1, 1]);
  });

  it("are there for one value and for equal ones", () => {
    expect(binned([2.5], [""]).groups[0]?.counts.reduce((a, b) => a + b)).toBe(1);
    expect(binned([0, 0], ["", ""]).groups[0]?.counts.reduce((a, b) => a + b)).toBe(2);
    expect(binned([-3, -3], ["", ""]).groups[0]).toMatchObject({ prompts: 2, mean: -3 });
  });

  it("sort templates by their numbers", () => {
    const { groups } = binned([1, 2, 3], ["ABBA 10", "ABBA 9", "BABA 0"]);
    expect(groups.map(({ name }) => name)).toEqual(["ABBA 9", "ABBA 10", "BABA 0"]);
  });

  it("are as wide as a round number", () => {
    expect([1.2, 1.5, 3, 4, 0.07, 80].map(roundStep)).toEqual([1, 2, 2, 5, 0.05, 100]);
  });
});
