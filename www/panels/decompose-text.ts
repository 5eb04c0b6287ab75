// A decomposition in words and numbers: where its components stand in a heat map, what its parts are called, whether
// it adds up, and the tables and files of it.

import type { DecompositionResult, DecompositionSpec } from "../../pkg/cpu/patchbay.js";
import type { Place } from "../charts/grid.ts";
import { csvText } from "../csv.ts";
import { score } from "../format.ts";
import type { LongTable } from "./figures-table.ts";

export interface ComponentValue {
  place: Place;
  name: string;
  value: number;
}

/** One part of a decomposition by one side. */
export interface ComponentMap {
  name: string;
  values: ComponentValue[];
}

/** Layers and heads of a component map. */
export interface MapShape {
  layers: number;
  heads: number;
}

export function shapeOf({ head, n_head }: DecompositionResult): MapShape {
  return { layers: head[0], heads: n_head };
}

/**
 * Row 0 has W_E, W_pos and the bias; row 1 + l the heads of layer l, its MLP and its attention bias. `i` counts as the
 * record does: bias, W_E, W_pos, MLPs, heads, attention biases.
 */
export function placeOfComponent(i: number, { layers, heads }: MapShape): Place {
  if (i < 3) return { row: 0, column: (i + 2) % 3 };
  const [mlp, head] = [i - 3, i - 3 - layers];
  const bias = head - layers * heads;
  if (head < 0) return { row: 1 + mlp, column: heads };
  if (bias < 0) return { row: 1 + Math.floor(head / heads), column: head % heads };
  return { row: 1 + bias, column: heads + 1 };
}

export function componentMaps(result: DecompositionResult): ComponentMap[] {
  const shape = shapeOf(result);
  return result.parts.map(({ label, values }) => ({
    name: partName(label, result.spec),
    values: values.map((value, i) => ({
      place: placeOfComponent(i, shape),
      name: result.components[i] ?? "",
      value,
    })),
  }));
}

/** A part's label in words. */
export function partName(label: string, spec: DecompositionSpec): string {
  const names = span(spec);
  const words: Record<string, string> = {
    IO_dir: `query along ${names}`,
    IO_perp: `query perpendicular to ${names}`,
    MLP0_dir: "key along MLP_0",
    MLP0_perp: "key perpendicular to MLP_0",
  };
  const parts = label.split("|").flatMap((part) => words[part] ?? []);
  return parts.length === 0 ? "contribution" : parts.join(", ");
}

/** What queries are projected on. */
function span(spec: DecompositionSpec): string {
  const names = spec.include_S1_in_unembed_projection ? "W_U[IO] and W_U[S]" : "W_U[IO]";
  return spec.include_name_forms_in_unembed_projection ? `${names}, all forms` : names;
}

/** What was asked, in a line. */
export function specText(spec: DecompositionSpec): string {
  const how: Record<string, string> = {
    sub_W_U_IO: "query computed from W_U[IO]",
    project_to_W_U_IO: `query projected on ${span(spec)}`,
    sub_MLP0: "keys computed from MLP_0's output",
    "sub_W_E (no MLPs)": "keys computed from W_E",
    "sub_W_E (including MLPs)": "keys computed from W_EE",
    "sub_W_E (only MLPs)": "keys computed from W_EE, only MLPs",
    project_to_MLP0: "keys projected on MLP_0's output",
  };
  const both = spec.decompose_by === "both";
  return [
    both
      ? `by query and key, queries projected on ${span(spec)}, keys on MLP_0's output`
      : `by ${spec.decompose_by}`,
    ...[spec.intervene_on_query, spec.intervene_on_key].flatMap((it) => (it === null ? [] : (how[it] ?? it))),
    `score END→IO${spec.subtract_S1 ? " minus END→S1" : ""}`,
  ].join(" · ");
}

/** What the contributions come to, beside what the model itself computed. */
export function accountingText({ accounting, prompts }: DecompositionResult): string {
  const { measured, sum, normalization, miss, relative_miss, holds } = accounting;
  // What is not rounding is a share of its own: see the crate's Accounting.
  const rest = Math.abs(normalization) < 1e-6 ? "" : ` and LN's normalization (${score(normalization)})`;
  const sums = `All contributions, with those of the biases b_O${rest}, sum to ${score(sum)}; the model's own score is ${score(measured)}, mean over ${prompts} prompts.`;
  const apart = `They are ${miss.toExponential(1)} apart, ${relative_miss.toExponential(1)} of the score's size`;
  return holds
    ? `${sums} ${apart}: they add up.`
    : `This decomposition is wrong. ${sums} ${apart}, and rounding explains 1e-4 at most.`;
}

export function valueText(value: number, digits = 3): string {
  const text = value.toFixed(digits);
  // Rounded to nothing, it has no sign.
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** One component in all parts. */
export function componentText(maps: readonly ComponentMap[], { row, column }: Place): string {
  const found = maps.flatMap(({ name, values }) => {
    const it = values.find(({ place }) => place.row === row && place.column === column);
    return it === undefined ? [] : [{ part: name, ...it }];
  });
  const [first] = found;
  if (first === undefined) return "";
  return `${first.name}: ${found.map(({ part, value }) => `${part} ${valueText(value)}`).join(" · ")}`;
}

/** By one side a row a component; by both a row a pair, plane by plane. */
export function decompositionTable({ components, parts, spec }: DecompositionResult): LongTable {
  const at = (values: readonly number[] | undefined, i: number) => values?.[i] ?? Number.NaN;
  const names = parts.map(({ label }) => partName(label, spec));
  if (spec.decompose_by !== "both") {
    return {
      caption: "Contribution of every component",
      header: ["component", ...names],
      count: components.length,
      row: (i) => [components[i] ?? "", ...parts.map(({ values }) => score(at(values, i)))],
    };
  }
  const width = components.length;
  return {
    caption: "Contribution of every pair of components",
    header: ["query", "key", ...names],
    count: width * width,
    row: (i) => [
      components[Math.floor(i / width)] ?? "",
      components[i % width] ?? "",
      ...parts.map(({ values }) => score(at(values, i))),
    ],
  };
}

export function decompositionCsv({ components, parts, spec }: DecompositionResult): string {
  const name = (i: number) => components[i] ?? "";
  if (spec.decompose_by !== "both") {
    const lines = parts.flatMap(({ label, values }) => values.map((value, i) => [label, name(i), value]));
    return csvText(["part", "component", "contribution"], lines);
  }
  const width = components.length;
  const lines = parts.flatMap(({ label, values }) =>
    values.map((value, i) => [label, name(Math.floor(i / width)), name(i % width), value]),
  );
  return csvText(["part", "query", "key", "contribution"], lines);
}
