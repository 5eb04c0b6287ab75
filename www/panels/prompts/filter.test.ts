import { describe, expect, it } from "vitest";
import { type Example, filtered, madeOf, templatesOf } from "./filter.ts";

const example = (order: "ABBA" | "BABA", index: number | null, sentence: string): Example => ({
  sentence,
  flipped: sentence,
  flipped_io: "Alex",
  flipped_s: "Anthony",
  io: "Alex",
  s: "Anthony",
  order,
  template: index === null ? null : { order, index },
});

const ALL = [
  example("BABA", 1, "Then, Anthony and Alex met. Anthony waved to Alex"),
  example("ABBA", 0, "At the bar, Alex and Anthony met. Anthony waved to Alex"),
  example("BABA", 1, "Then, Anthony and Alex left. Anthony waved to Alex"),
  example("ABBA", null, "My Alex and Anthony met. Anthony waved to Alex"),
];
const EVERY = { order: "", template: "", text: "" };

describe("filtered", () => {
  it.each([
    [EVERY, [0, 1, 2, 3]],
    [{ ...EVERY, order: "ABBA" }, [1, 3]],
    // An own prompt is of an order, but of no template.
    [{ ...EVERY, template: "ABBA 1" }, [1]],
    [{ ...EVERY, template: "BABA 2", text: " LEFT" }, [2]],
    [{ ...EVERY, text: "no such words" }, []],
  ])("%j", (filter, places) => {
    expect(filtered(ALL, filter)).toEqual(places);
  });
});

it("templates are counted in the lexicon's order, by an example without its names", () => {
  expect(templatesOf(ALL)).toEqual([
    { key: "ABBA 1", count: 1, example: "At the bar, [A] and [B] met. [B] waved to [A]" },
    { key: "BABA 2", count: 2, example: "Then, [B] and [A] met. [B] waved to [A]" },
  ]);
});

it("a prompt is said to be made of its template, one's own of none", () => {
  expect(ALL.map(madeOf)).toEqual(["BABA 2", "ABBA 1", "BABA 2", "ABBA"]);
});
