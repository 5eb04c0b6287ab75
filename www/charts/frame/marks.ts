// Pairs that somebody expects, written "9.6 MLP_0, 9.9 MLP_0": where they are, and how large they are among all.

import { count, small } from "../../text/format.ts";
import { visible } from "../../text/plain-text.ts";
import { type Axis, at, type Column, type Facet } from "./frame.ts";

export interface Marked {
  places: { row: number; column: number }[];
  /** Their numbers, and what is wrong with those that are none; "" where none is written. */
  said: string;
}

/** Each once. */
export function marksOf(text: string): string[] {
  const entries = text.split(",").map((entry) => entry.trim().split(/\s+/).join(" "));
  return [...new Set(entries.filter(Boolean))];
}

export function toggled(text: string, mark: string): string {
  const marks = marksOf(text);
  const left = marks.filter((other) => other !== mark);
  return (left.length < marks.length ? left : [...marks, mark]).join(", ");
}

/** One that there is. */
export function exampleOf(rows: Axis, columns: Axis): string {
  return `${rows.labels.at(-1)} ${columns.labels.at(-1)}`;
}

/** What of several facets is told is their sum. */
export function marked(
  text: string,
  rows: Axis,
  columns: Axis,
  column: Column,
  facets: readonly Facet[],
): Marked {
  const [known, absent, wrong]: [Marked["places"], string[], string[]] = [[], [], []];
  for (const mark of marksOf(text)) {
    const [query = "", key, ...more] = mark.split(" ");
    const place = { row: rows.labels.indexOf(query), column: columns.labels.indexOf(key ?? "") };
    if (key === undefined || more.length > 0) wrong.push(mark);
    else if (place.row < 0 || place.column < 0) absent.push(mark);
    else known.push(place);
  }
  const width = columns.labels.length;
  const sum = (i: number) => facets.reduce((sum, { from }) => sum + (at(column, from + i) ?? 0), 0);
  const sizes =
    known.length === 0 ? [] : Array.from({ length: rows.labels.length * width }, (_, i) => Math.abs(sum(i)));
  const told = known.map(({ row, column }) => {
    const value = sum(row * width + column);
    const rank = 1 + sizes.filter((size) => size > Math.abs(value)).length;
    return `${rows.labels[row]} × ${columns.labels[column]} ${small(value)}, number ${count(rank)} by size`;
  });
  const over = facets.length > 1 ? ", summed over the planes" : "";
  const said = [
    told.length > 0 && `Marked, of ${count(sizes.length)} pairs${over}: ${told.join("; ")}.`,
    absent.length > 0 && `Not among these components: ${absent.join(", ")}.`,
    wrong.length > 0 &&
      `No pairs: ${wrong.join(", ")}; expected a query's and a key's component, such as ${exampleOf(rows, columns)}.`,
  ];
  return { places: known, said: visible(said.filter(Boolean).join(" ")) };
}
