// A token's neighbours and a name's resemblance to what the head's key reads, as tables.

import type { NearestTokens, ResemblanceResult } from "../../pkg/cpu/patchbay.js";
import type { Neighbour } from "../charts/neighbours.ts";
import { csvText } from "../csv.ts";
import type { Estimate } from "../statistics.ts";
import { interval } from "./figures-words.ts";
import type { Column } from "./replacements-text.ts";
import type { TableText } from "./table.ts";

/** What the page calls the crate's spaces. */
const SPACES: Record<string, string> = {
  "W_E (no MLPs)": "W_E",
  "W_E (including MLPs)": "W_EE",
  "W_E (only MLPs)": "W_EE, only MLPs",
  W_U: "W_U",
};

/** Spaces are part of a token, and are to be seen. */
export function tokenText(text: string): string {
  return JSON.stringify(text);
}

/** A column a space, the nearest first. */
export function nearestTable({ spaces }: NearestTokens): TableText {
  const most = Math.max(0, ...spaces.map(({ tokens }) => tokens.length));
  return {
    header: ["rank", ...spaces.map(({ space }) => SPACES[space] ?? space)],
    rows: Array.from({ length: most }, (_, i) => [
      String(i + 1),
      ...spaces.map(({ tokens }) => {
        const found = tokens[i];
        return found === undefined ? "" : `${tokenText(found.text)} ${found.cosine.toFixed(3)}`;
      }),
    ]),
  };
}

export function nearestCsv({ spaces }: NearestTokens): string {
  const lines = spaces.flatMap(({ space, tokens }) =>
    tokens.map(({ token, text, cosine }, i) => [space, i + 1, token, text, cosine]),
  );
  return csvText(["space", "rank", "token", "text", "cosine"], lines);
}

/** What the figure draws of it, a row a neighbour. */
export function neighboursOf({ spaces }: NearestTokens): Neighbour[] {
  return spaces.flatMap(({ space, tokens }) =>
    tokens.map(({ text, cosine }, i) => ({
      space: SPACES[space] ?? space,
      rank: i + 1,
      token: tokenText(text),
      cosine,
    })),
  );
}

/** Cosines by prompt: of each form of embedding with what the key reads, and of the two keys. */
export function resemblanceColumns({ forms }: ResemblanceResult): Column[] {
  return forms.flatMap(({ embedding, input, key }): Column[] => {
    const name = SPACES[embedding] ?? embedding;
    return [
      [`${name}: inputs`, input],
      [`${name}: keys`, key],
    ];
  });
}

export function resemblanceCsv({ forms }: ResemblanceResult): string {
  const lines = forms.flatMap(({ embedding, input, key }) =>
    input.map((value, prompt) => [embedding, prompt, value, key[prompt] ?? Number.NaN]),
  );
  return csvText(["embedding", "prompt", "input_cosine", "key_cosine"], lines);
}

/** Mean cosines with their intervals, a row a form of embedding. `estimates`: one a column of `resemblanceColumns`. */
export function resemblanceTable({ forms }: ResemblanceResult, estimates: readonly Estimate[]): TableText {
  const cell = (it: Estimate | undefined) =>
    it === undefined ? "" : `${it.mean.toFixed(3)} ${interval(it.meanInterval)}`;
  return {
    header: ["embedding of IO", "cosine with what the key reads", "cosine of the two keys"],
    rows: forms.map(({ embedding }, i) => [
      SPACES[embedding] ?? embedding,
      cell(estimates[2 * i]),
      cell(estimates[2 * i + 1]),
    ]),
  };
}
