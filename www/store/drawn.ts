// How some figures are drawn is nothing that the crate is asked, but texts of the session all the same: links carry them.

import { quoted } from "../text/format.ts";
import { unreadable } from "../text/plain-text.ts";

interface Drawn {
  usual: string;
  expected: string;
  may: (text: string) => boolean;
}

const number = (min: number, max: number, usual: string): Drawn => ({
  usual,
  expected: `a whole number from ${min} to ${max}`,
  may: (text) => /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) >= min && Number(text) <= max,
});

const choice = (...values: [string, ...string[]]): Drawn => ({
  usual: values[0],
  expected: `one of ${values.join(", ")}`,
  may: (text) => values.includes(text),
});

export const DRAWN: Readonly<Record<string, Drawn>> = {
  decompose_threshold: number(0, 100, "5"),
  decompose_zoom: number(1, 8, "1"),
  decompose_marks: {
    // What is expected of GPT-2 small's 10.7: name movers match what MLP_0 makes of the name.
    usual: "9.6 MLP_0, 9.9 MLP_0, 8.10 MLP_0, 7.9 MLP_0",
    expected: "at most 500 characters of plain text",
    may: (text) => text.length <= 500 && unreadable(text) === null,
  },
  replace_values: choice("io_probability", "io_score", "diff"),
  replace_layout: choice("overlaid", "multiples"),
};

/** What is wrong with such a text, or null. */
export function drawnProblem(name: string, text: string): string | null {
  const drawn = DRAWN[name];
  return drawn === undefined || drawn.may(text) ? null : `expected ${drawn.expected}, found ${quoted(text)}`;
}
