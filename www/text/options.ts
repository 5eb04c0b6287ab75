// How a figure is drawn, where there are several ways: texts by option, as fields have them.

import { quoted } from "./format.ts";
import { unreadable } from "./plain-text.ts";

interface Option {
  usual: string;
  expected: string;
  may: (text: string) => boolean;
}

/** Names that only a figure itself can know: others are as if there were none. */
const name: Option = { usual: "", expected: "plain text", may: (text) => unreadable(text) === null };

const whole = (min: number, max: number, usual: number): Option => ({
  usual: String(usual),
  expected: `a whole number from ${min} to ${max}`,
  may: (text) => /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) >= min && Number(text) <= max,
});

const oneOf = (...values: [string, ...string[]]): Option => ({
  usual: values[0],
  expected: `one of ${values.join(", ")}`,
  may: (text) => values.includes(text),
});

const OPTIONS = {
  /** Which column is shown; else the first. */
  column: name,
  /** Histogram: the one series that is shown; else all are. */
  series: name,
  /** Histogram: the groups by which each series is split, by their name. */
  split: name,
  /** Histogram: one below the other, or outlines over each other. */
  layout: oneOf("multiples", "overlaid"),
  /** Pairs: so many times as large. */
  zoom: whole(1, 8, 1),
  /** In percent of the largest: pairs below it are faint, a circuit's paths are not drawn. */
  threshold: whole(0, 100, 5),
  /** Pairs: those that are marked, "9.6 MLP_0, 9.9 MLP_0". */
  marks: name,
  /** Attention: every query by every key, or one query's row in each condition. */
  view: oneOf("triangle", "strips"),
  /** Attention: what is kept when the pointer goes on, a query or a query and a key: "3", "3 2". */
  kept: {
    usual: "",
    expected: "one or two places, such as 3 2",
    may: (text) => /^(\d{1,4}( \d{1,4})?)?$/.test(text),
  },
} satisfies Record<string, Option>;

export type Options = Readonly<Record<keyof typeof OPTIONS, string>>;

export const USUAL = Object.fromEntries(
  Object.entries(OPTIONS).map(([name, { usual }]) => [name, usual]),
) as Options;

export const isOption = (name: string): name is keyof Options => Object.hasOwn(OPTIONS, name);

/** What is wrong with such a text, or null. */
export function optionProblem(name: keyof Options, text: string): string | null {
  const { may, expected } = OPTIONS[name];
  return may(text) ? null : `expected ${expected}, found ${quoted(text)}`;
}
