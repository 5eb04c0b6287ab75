// What replacements measured, by condition: which values are looked at, and the table and file of them.

import type { ExperimentResult } from "../../pkg/cpu/patchbay.js";
import { type Binned, binned } from "../charts/bins.ts";
import { csvText } from "../csv.ts";

export type Measure = "io_probability" | "io_score" | "diff";

export const MEASURES: Record<Measure, string> = {
  io_probability: "probability END→IO",
  io_score: "score END→IO",
  diff: "score END→IO − END→S1",
};

/** A condition's values by prompt. */
export type Column = readonly [condition: string, values: readonly number[]];

export function columnsOf({ conditions }: Pick<ExperimentResult, "conditions">, measure: Measure): Column[] {
  return Object.entries(conditions).map(([name, condition]) => [name, condition[measure] ?? []]);
}

/** All in the same bins, in the conditions' order. */
export function binsOf(columns: readonly Column[]): Binned {
  const values = columns.flatMap(([, values]) => values);
  const { edges, groups } = binned(
    values,
    columns.flatMap(([name, values]) => values.map(() => name)),
  );
  const names = columns.map(([name]) => name);
  return { edges, groups: groups.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name)) };
}

export function replacementsCsv({ conditions }: Pick<ExperimentResult, "conditions">): string {
  const lines = Object.entries(conditions).flatMap(([name, { io_score, diff, io_probability }]) =>
    io_score.map((value, prompt) => [
      name,
      prompt,
      value,
      diff[prompt] ?? Number.NaN,
      io_probability?.[prompt] ?? Number.NaN,
    ]),
  );
  return csvText(["condition", "prompt", "io_score", "diff", "io_probability"], lines);
}

/** What was replaced, and by which head's output; and which of the experiment's conditions were left out for want of one. */
export function whatText(
  { conditions, head, spec }: Pick<ExperimentResult, "conditions" | "head" | "spec">,
  all: readonly string[],
): string {
  const left = all.filter((name) => !Object.hasOwn(conditions, name));
  const parts = [spec.experiment === "query_replacements" ? "queries replaced" : "keys replaced"];
  if (spec.name_mover !== undefined) parts.push(`name mover ${spec.name_mover.join(".")}`);
  if (left.length > 0) {
    const names = left.map((name) => `“${name}”`).join(", ");
    // Below layer 0 there is none to name.
    const remedy = head[0] === 0 ? "" : ": name one";
    parts.push(`left out ${names}, since no name mover is below ${head.join(".")}${remedy}`);
  }
  return parts.join(" · ");
}

/** "9.9" as layer and head; null for anything else. */
export function headOf(text: string): [number, number] | null {
  const [, layer, head] = /^(\d{1,3})\.(\d{1,3})$/.exec(text.trim()) ?? [];
  return layer === undefined || head === undefined ? null : [Number(layer), Number(head)];
}
