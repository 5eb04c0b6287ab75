// Own prompts as text, one a line: the sentence, IO and S. What can be known of them without a model is checked here;
// the crate checks the rest with the model's tokens.

import type { CustomPrompt } from "../pkg/cpu/patchbay.js";
import { quoted } from "./format.ts";

/** The crate's limits (custom.rs). */
export const MAX_PROMPTS = 2_000;
const MAX_SENTENCE = 4_096;
const MAX_NAME = 64;
/** Bytes of the text as a whole: far more than 2 000 usual prompts have. */
export const MAX_TEXT = 1_000_000;

export interface LineProblem {
  /** From 1. */
  line: number;
  message: string;
}

export interface Parsed {
  prompts: CustomPrompt[];
  /** The line of each prompt. */
  lines: number[];
  /** Of the lines that are no prompts. */
  problems: LineProblem[];
}

/** Lines with a problem count for nothing; empty ones are no mistake. */
export function parsePrompts(text: string): Parsed {
  const parsed: Parsed = { prompts: [], lines: [], problems: [] };
  text.split(/\r\n|\n|\r/).forEach((content, place) => {
    if (content.trim() === "") return;
    const line = place + 1;
    const read = promptOf(content);
    const message = typeof read === "string" ? read : promptProblem(read);
    if (typeof read === "string" || message !== null) parsed.problems.push({ line, message: message ?? "" });
    else {
      parsed.prompts.push(read);
      parsed.lines.push(line);
    }
  });
  return parsed;
}

export function promptsText(prompts: readonly CustomPrompt[]): string {
  return prompts.map(({ sentence, io, s }) => `${sentence} | ${io} | ${s}`).join("\n");
}

/** The parts of a line, or why there are none. The last two bars count, so a sentence may have some of its own. */
function promptOf(line: string): CustomPrompt | string {
  const parts = line.split(line.includes("\t") ? "\t" : "|").map((part) => part.trim());
  if (parts.length < 3) {
    return `expected a sentence, IO and S with | or tabs between, found ${parts.length === 1 ? "one part" : "two parts"}; write: sentence | IO | S`;
  }
  const [io, s] = parts.slice(-2) as [string, string];
  const sentence = line.includes("\t")
    ? parts.slice(0, -2).join(" ")
    : line.split("|").slice(0, -2).join("|");
  return { sentence: sentence.trim(), io, s };
}

/** What is wrong with a prompt whatever the model, or null: what was expected, what was found, what to do. */
function promptProblem({ sentence, io, s }: CustomPrompt): string | null {
  for (const [what, text, most] of [
    ["the sentence", sentence, MAX_SENTENCE],
    ["IO", io, MAX_NAME],
    ["S", s, MAX_NAME],
  ] as const) {
    if (text === "") return `expected ${what}, found nothing; write: sentence | IO | S`;
    const found = bytesOf(text);
    if (found > most) return `expected at most ${most} bytes for ${what}, found ${found}; shorten it`;
  }
  for (const name of [io, s]) {
    if (/\s/.test(name)) return `expected a name of one word, found ${quoted(name)}; choose a shorter name`;
  }
  if (io === s) return `expected two names for IO and S, found ${quoted(io)} twice; the last one is S`;
  const words = sentence.split(" ");
  const last = words.at(-1) ?? "";
  if (last !== io) {
    return `expected the sentence to end in IO ${quoted(io)}, found ${quoted(last)}; end it in the answer, without a full stop`;
  }
  return rolesProblem(words.slice(0, -1), io, s);
}

/** The roles are words of their own: IO, and S twice, before the answer. */
function rolesProblem(words: readonly string[], io: string, s: string): string | null {
  for (const [role, name, times] of [
    ["IO", io, 1],
    ["S", s, 2],
  ] as const) {
    const found = words.filter((word) => word === name).length;
    if (found >= times) continue;
    const expected = times === 1 ? "once" : "twice, as S1 and as S2,";
    return `expected ${role} ${quoted(name)} ${expected} before the answer, as a word without a comma or the like, found it ${found === 0 ? "nowhere" : "once"}; mend the sentence or the name`;
  }
  return null;
}

/** What is wrong with the text as a whole, or null. "" stands for no prompts of one's own. */
export function promptsProblem(text: string): string | null {
  if (text === "") return null;
  const bytes = bytesOf(text);
  if (bytes > MAX_TEXT) return `expected at most ${MAX_TEXT} bytes of prompts, found ${bytes}; shorten them`;
  const { prompts, problems } = parsePrompts(text);
  if (prompts.length > MAX_PROMPTS) {
    return `expected at most ${MAX_PROMPTS} prompts, found ${prompts.length}; leave some out`;
  }
  if (prompts.length > 0) return null;
  const [first] = problems;
  return first === undefined
    ? "expected a prompt in a line, found only empty lines"
    : `no line is a prompt; line ${first.line}: ${first.message}`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
