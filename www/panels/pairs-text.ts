// Pairs of components, one of the query and one of the key: the largest, and those that are marked.

import type { DecompositionResult } from "../../pkg/cpu/patchbay.js";
import { csvText } from "../csv.ts";
import { percent, score } from "../format.ts";
import { partName, valueText } from "./decompose-text.ts";
import type { TableText } from "./table.ts";

export interface LargePair {
  /** Its components, by name. */
  query: string;
  key: string;
  /** As `planeName` has it. */
  plane: string;
  contribution: number;
  /** In percent, see `sharesOf`. */
  share: number;
  marked: boolean;
}

/** The largest by size, the largest first. Not by sorting all: there may be eighty thousand. */
export function largestPairs(
  result: DecompositionResult,
  count: number,
  marks: readonly string[],
): LargePair[] {
  const { components, parts } = result;
  const width = components.length;
  const best: { label: string; i: number; value: number }[] = [];
  for (const { label, values } of parts) {
    values.forEach((value, i) => {
      const least = best.at(-1);
      if (best.length === count && least !== undefined && Math.abs(value) <= Math.abs(least.value)) return;
      const place = best.findIndex((it) => Math.abs(it.value) < Math.abs(value));
      best.splice(place < 0 ? best.length : place, 0, { label, i, value });
      if (best.length > count) best.pop();
    });
  }
  const shareOf = sharesOf(result);
  return best.map(({ label, i, value }) => {
    const [query, key] = [Math.floor(i / width), i % width];
    return {
      query: components[query] ?? "",
      key: components[key] ?? "",
      plane: planeName(label),
      contribution: value,
      share: shareOf(value),
      marked: marks.includes(markOf(result, { query, key })),
    };
  });
}

export function largestTable(largest: readonly LargePair[]): TableText {
  return {
    header: ["query", "key", "parts", "contribution", "share", "marked"],
    rows: largest.map(({ query, key, plane, contribution, share, marked }) => [
      query,
      key,
      plane,
      score(contribution),
      percent(share),
      marked ? "yes" : "",
    ]),
  };
}

export function largestCsv(largest: readonly LargePair[]): string {
  const lines = largest.map(({ query, key, plane, contribution, share, marked }) => [
    query,
    key,
    plane,
    contribution,
    share,
    String(marked),
  ]);
  return csvText(["query", "key", "parts", "contribution", "share_percent", "marked"], lines);
}

/** What all contributions come to, and what those do that raise the score, and those that lower it. */
function sumsOf({ parts }: DecompositionResult): { all: number; raising: number; lowering: number } {
  let [raising, lowering] = [0, 0];
  for (const { values } of parts) {
    for (const value of values) {
      if (value < 0) lowering += value;
      else raising += value;
    }
  }
  return { all: raising + lowering, raising, lowering };
}

/** Normalized contributions: in percent of the size of all contributions' sum, so that the sign stays the contribution's. */
export function sharesOf(result: DecompositionResult): (value: number) => number {
  const size = Math.abs(sumsOf(result).all);
  return (value) => (value / size) * 100;
}

/** What 100 % is. Of contributions that cancel, single ones are many times their sum. */
export function sumText(result: DecompositionResult): string {
  const { all, raising, lowering } = sumsOf(result);
  return `100 % is the size of all contributions' sum, ${score(all)}: ${score(raising)} of those that raise the score, ${score(lowering)} of those that lower it.`;
}

/** "9.9 MLP_0, …": a query's component and a key's each. */
export function marksOf(text: string): string[] {
  const entries = text.split(",").map((entry) => entry.trim().split(/\s+/).join(" "));
  return [...new Set(entries.filter((entry) => entry !== ""))];
}

export function toggled(text: string, mark: string): string {
  const marks = marksOf(text);
  const left = marks.filter((it) => it !== mark);
  return (left.length < marks.length ? left : [...marks, mark]).join(", ");
}

export function markOf(
  { components }: DecompositionResult,
  { query, key }: { query: number; key: number },
): string {
  return `${components[query]} ${components[key]}`;
}

/** The planes in a word each: along and perpendicular, of the query and of the key. */
function planeName(label: string): string {
  const sides = label.split("|").map((part) => (part.endsWith("_dir") ? "∥" : "⊥"));
  return `q${sides[0]} k${sides[1]}`;
}

/** A pair in all planes. */
export function pairText(result: DecompositionResult, query: number, key: number): string {
  const { components, parts, spec } = result;
  const share = sharesOf(result);
  const values = parts.map(({ label, values }) => {
    const value = values[query * components.length + key] ?? Number.NaN;
    return `${partName(label, spec)} ${valueText(value, 4)} (${percent(share(value))})`;
  });
  return `Query ${components[query]}, key ${components[key]}: ${values.join(" · ")}`;
}

/** What the marked pairs contribute, over all planes; and which of them this model does not have. */
export function marksText(result: DecompositionResult, marks: readonly string[]): string {
  const { components, parts } = result;
  const shareOf = sharesOf(result);
  const pairs = marks.filter((mark) => mark.split(" ").length === 2);
  const wrong = marks.filter((mark) => !pairs.includes(mark));
  const parted = pairs.map((mark) => {
    const [query = -1, key = -1] = mark.split(" ").map((name) => components.indexOf(name));
    if (query < 0 || key < 0) return { mark, share: null };
    const i = query * components.length + key;
    const value = parts.reduce((sum, { values }) => sum + (values[i] ?? Number.NaN), 0);
    return { mark, share: shareOf(value) };
  });
  const known = parted.filter(({ share }) => share !== null);
  const unknown = parted.filter(({ share }) => share === null).map(({ mark }) => mark);
  const shares = known.map(({ mark, share }) => `${mark.replace(" ", " × ")} ${percent(share)}`);
  return [
    shares.length === 0 ? "" : `Marked, over all planes: ${shares.join(", ")}.`,
    unknown.length === 0 ? "" : `Not below this head: ${unknown.join(", ")}.`,
    wrong.length === 0 ? "" : `No pairs: ${wrong.join(", ")}; expected such as 9.9 MLP_0.`,
  ]
    .filter(Boolean)
    .join(" ");
}
