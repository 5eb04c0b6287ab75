// One's own pairs as rows that can be edited, in step with the text that the settings and a link have of them.

import { batch, effect, signal } from "@preact/signals";
import type { Pair, PairsText } from "../../pkg/cpu/patchbay.js";
import { problemOf } from "../door/errors.ts";
import { setText, texts } from "./session.ts";
import { lab } from "./tasks/queue.ts";

/** Positions in every pair by the names that somebody gave them, without the token before the prompts. */
export type Names = Readonly<Record<string, number>>;

/** With those that have nothing in them yet. */
export const rows = signal<readonly Pair[]>([]);
export const names = signal<Names>({});
/** Why the text of the settings is no pairs, or "". */
export const unreadable = signal("");

export const EMPTY: Pair = { clean: "", corrupt: "", answers: [], wrong_answers: [] };

export function isEmpty({ clean, corrupt, answers, wrong_answers }: Pair): boolean {
  return clean === "" && corrupt === "" && answers.length + wrong_answers.length === 0;
}

/** Those that are asked for, which are numbered from 1. */
export function filled(all: readonly Pair[]): Pair[] {
  return all.filter((row) => !isEmpty(row));
}

/** The text that the rows are of. */
let written = "";

/** Puts rows and names to use. */
export function put(next: readonly Pair[], named: Names = names.value): void {
  const prompts = filled(next);
  written = prompts.length === 0 ? "" : textOf(prompts, named);
  batch(() => {
    rows.value = next;
    names.value = named;
    unreadable.value = "";
    setText("pairs", written);
  });
}

/** As files of pairs have them. */
export function textOf(prompts: readonly Pair[], word_idxs: Names): string {
  return JSON.stringify(Object.keys(word_idxs).length === 0 ? { prompts } : { prompts, word_idxs });
}

/** What was added of a text, and which of its rows are none, with the reason. */
export interface Added {
  count: number;
  problems: { row: number; problem: string }[];
}

/** Adds what a text has. Throws where it is no text of pairs. */
export async function add(text: string): Promise<Added> {
  const read = await lab.pairs(text);
  const { pairs, problems } = parted(read);
  batch(() => {
    put([...filled(rows.value), ...pairs], { ...names.value, ...read.word_idxs });
    if (!read.prepend_bos) setText("prepend_bos", "false");
  });
  return { count: pairs.length, problems };
}

function parted({ rows }: PairsText): { pairs: Pair[]; problems: Added["problems"] } {
  const numbered = rows.map((row, i) => ({ row, number: i + 1 }));
  return {
    pairs: rows.flatMap((row) => ("problem" in row ? [] : [row])),
    problems: numbered.flatMap(({ row, number }) =>
      "problem" in row ? [{ row: number, problem: row.problem }] : [],
    ),
  };
}

let watching = false;

/** Follows a link that is opened, from now on. */
export function watchPairs(): void {
  if (watching) return;
  watching = true;
  effect(() => {
    const text = texts.value.pairs ?? "";
    if (text !== written) void open(text);
  });
}

async function open(text: string): Promise<void> {
  written = text;
  const read = text === "" ? { rows: [], word_idxs: {} } : await lab.pairs(text).catch(problemOf);
  if (written !== text) return;
  batch(() => {
    const isRead = "rows" in read;
    // A row that cannot be read is there to be filled in.
    rows.value = isRead ? read.rows.map((row) => ("problem" in row ? EMPTY : row)) : [];
    names.value = isRead ? read.word_idxs : {};
    unreadable.value = isRead ? "" : read.message;
  });
}
