// Columns and numbers of a frame in words.

import { small } from "../../text/format.ts";
import { visible } from "../../text/plain-text.ts";
import { at, type Column, countOf, endsOf, type Facet, type Frame, percentOf, words } from "./frame.ts";
import { rounded } from "./numbers.ts";

/** "logit diff, logits" */
export function titleOf(column: Column): string {
  return [words(column.name), unitOf(column)].filter(Boolean).join(", ");
}

/** The same place in all facets: "clean 0.264, 95% interval 0.2 to 0.33 · patched 0.11 (logits)"; "0.264 logits". */
export function facetsText(frame: Frame, column: Column, facets: readonly Facet[], i: number): string {
  const [first] = facets;
  if (facets.length === 1 && first?.name === "") return valueText(frame, column, first.from + i);
  const plain = { ...column, unit: "" };
  const texts = facets.map(({ name, from }) => `${name} ${valueText(frame, plain, from + i)}`);
  const unit = unitOf(column);
  // Not commas: names of conditions have some.
  return `${texts.join(" · ")}${unit && ` (${unit})`}`;
}

/** A unit that says the same as the name is not repeated. */
function unitOf({ name, unit }: Column): string {
  return unit === name ? "" : visible(unit);
}

/** "0.264 logits, 95% interval 0.2 to 0.33, mean of 150 prompts"; "no value". */
export function valueText(frame: Frame, column: Column, i: number): string {
  const value = at(column, i);
  if (value === null) return "no value";
  const ends = endsOf(frame, column);
  const percent = percentOf(frame, column);
  const counts = countOf(frame);
  const count = counts && at(counts, i);
  const [low, high, share] = [ends && at(ends.low, i), ends && at(ends.high, i), percent && at(percent, i)];
  return [
    `${small(value)} ${unitOf(column)}`.trim(),
    share === null ? "" : `${rounded(share, 1)}%`,
    low === null || high === null ? "" : `95% interval ${small(low)} to ${small(high)}`,
    counts === null || count === null ? "" : `mean of ${count} ${visible(counts.unit)}`,
  ]
    .filter(Boolean)
    .join(", ");
}
