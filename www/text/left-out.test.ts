import { expect, it } from "vitest";
import { leftOutText } from "./left-out.ts";

const SHORT = "the answer must be one token";
const LONG = `the prompts must have as many tokens: ${'" the", '.repeat(400)}`;
const left = (...messages: string[]) => messages.map((message, i) => ({ line: i + 1, message }));

it("says what was left out and why, and where the rest is said", () => {
  expect(leftOutText(left(SHORT), "line")).toBe(`1 line of your prompts was left out. Line 1: ${SHORT}.`);
  expect(leftOutText(left(SHORT, SHORT, SHORT, SHORT, SHORT), "row")).toBe(
    `5 rows of your prompts were left out. Row 1: ${SHORT}. Row 2: ${SHORT}. Row 3: ${SHORT}. 2 more; Prompts lists all.`,
  );
});

it("says a long reason in its first words, so that the bar does not cover the page", () => {
  const text = leftOutText(left(LONG, SHORT), "row");
  expect(text).toMatch(/^2 rows .* Row 1: the prompts must .*… Row 2: .*\. Prompts says all of it\.$/);
  expect(text.length).toBeLessThan(250);
});
