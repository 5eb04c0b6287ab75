// One prompt's attention in words and numbers: tokens, roles, and the row of one query in each condition.

import type { AttentionResult, Positions } from "../../pkg/cpu/patchbay.js";
import { csvText } from "../csv.ts";
import { score } from "../format.ts";
import { visible } from "../plain-text.ts";
import type { TableText } from "./table.ts";

export type Measure = "scores" | "pattern";

/** A token as it is shown: a line break would otherwise be nothing. */
export function tokenText(token: string): string {
  if (token === "") return "∅";
  return visible(token.replaceAll("\r", "␍").replaceAll("\n", "⏎").replaceAll("\t", "⇥"));
}

/** By position; two roles can meet in one token. */
export function rolesOf({ io, s1, s2, end }: Positions): Map<number, string> {
  const roles = new Map<number, string>();
  const named: [string, number][] = [
    ["IO", io],
    ["S1", s1],
    ["S2", s2],
    ["END", end],
  ];
  for (const [name, at] of named) roles.set(at, [roles.get(at), name].filter(Boolean).join(" "));
  return roles;
}

/** "Alex (IO)", for a sentence about a token. */
export function tokenName({ tokens, positions }: AttentionResult, at: number): string {
  const role = rolesOf(positions).get(at);
  const text = tokenText(tokens[at] ?? "").trim() || "space";
  return role === undefined ? `“${text}”` : `“${text}” (${role})`;
}

/** What one query sees in one condition: a value for each key up to itself. */
export interface Strip {
  condition: string;
  values: readonly number[];
}

export function stripsOf({ conditions }: AttentionResult, measure: Measure, query: number): Strip[] {
  return Object.entries(conditions).map(([condition, table]) => ({
    condition,
    values: table[measure][query] ?? [],
  }));
}

/** The end of the colour scale: probabilities have one of their own, scores the largest of this query in any condition. */
export function scaleLimit(result: AttentionResult, measure: Measure, query: number): number {
  if (measure === "pattern") return 1;
  const values = stripsOf(result, measure, query).flatMap((strip) => strip.values);
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}

export function measured(value: number, measure: Measure): string {
  return value.toFixed(measure === "scores" ? 2 : 3);
}

/** What the experiment compares, where this query sees both names. */
export function comparison({ values }: Strip, { io, s1 }: Positions, measure: Measure): string {
  const [to, from] = [values[io], values[s1]];
  if (to === undefined || from === undefined) return "";
  const difference = measured(to - from, measure);
  return `IO ${measured(to, measure)}, S1 ${measured(from, measure)}, difference ${difference}`;
}

/** One key in every condition. */
export function keyText(result: AttentionResult, measure: Measure, query: number, key: number): string {
  const about = `${tokenName(result, query)} → ${tokenName(result, key)}`;
  if (key > query) return `${about}: stands behind the query, which cannot see it`;
  const parts = stripsOf(result, measure, query).map(
    ({ condition, values }) => `${condition} ${measured(values[key] ?? Number.NaN, measure)}`,
  );
  // Not commas: names of conditions have some.
  return `${about}: ${parts.join(" · ")}`;
}

export function attentionTable(result: AttentionResult, measure: Measure, query: number): TableText {
  const roles = rolesOf(result.positions);
  const strips = stripsOf(result, measure, query);
  const rows = result.tokens.slice(0, query + 1).map((token, key) => {
    const values = strips.map(({ values }) => score(values[key] ?? Number.NaN));
    return [`${key} ${tokenText(token)}`, roles.get(key) ?? "", ...values];
  });
  return { header: ["key", "role", ...strips.map(({ condition }) => condition)], rows };
}

/** Every query, not only the one that is looked at: a line a condition, query and key. */
export function attentionCsv(result: AttentionResult): string {
  const rows = Object.entries(result.conditions).flatMap(([condition, { scores, pattern }]) =>
    scores.flatMap((row, query) =>
      row.map((value, key) => {
        const tokens = [result.tokens[query] ?? "", result.tokens[key] ?? ""];
        return [condition, query, key, ...tokens, value, pattern[query]?.[key] ?? Number.NaN];
      }),
    ),
  );
  return csvText(["condition", "query", "key", "query_token", "key_token", "score", "pattern"], rows);
}

/** The number that was typed, brought into 1 to `n`; null where it is none. */
export function promptNumber(text: string, n: number): number | null {
  const number = Math.round(Number(text));
  if (text.trim() === "" || !Number.isFinite(number)) return null;
  return Math.min(n, Math.max(1, number));
}
