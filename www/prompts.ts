// Own prompts as text, one a line: the sentence, IO and S. What can be known of them without a model is checked here;
// the crate checks the rest with the model's tokens.

import type { CustomPrompt } from "../pkg/cpu/patchbay.js";
import { quoted } from "./format.ts";
import { unreadable } from "./plain-text.ts";

/** The crate's limits (custom.rs). */
export const MAX_PROMPTS = 2_000;
const MAX_SENTENCE = 4_096;
const MAX_NAME = 64;
/** Bytes of the text as a whole: far more than 2 000 usual prompts have. */
export const MAX_TEXT = 1_000_000;
/** Lines, those that are no prompts included: so much is read at once. */
export const MAX_LINES = 5_000;
/** A longer line is not taken apart: in bytes it has more than a sentence and two names. */
const MAX_LINE = 2 * (MAX_SENTENCE + 2 * MAX_NAME);

export interface LineProblem {
  /** From 1. */
  line: number;
  message: string;
}

export interface Parsed {
  readonly prompts: readonly CustomPrompt[];
  /** The line of each prompt. */
  readonly lines: readonly number[];
  /** Of the lines that are no prompts. */
  readonly problems: readonly LineProblem[];
  /** The text is larger than any that is read: it was not. */
  readonly tooLarge: string | null;
}

const NOTHING: Parsed = { prompts: [], lines: [], problems: [], tooLarge: null };

/** Form, link, preview and run ask about the same text, one after another. */
let last = { text: "", parsed: NOTHING };

/** Lines with a problem count for nothing; empty ones are no mistake. A text is taken apart once. */
export function parsePrompts(text: string): Parsed {
  if (text === "") return NOTHING;
  if (last.text !== text) last = { text, parsed: parse(text) };
  return last.parsed;
}

function parse(text: string): Parsed {
  const tooLarge = sizeProblem(text);
  if (tooLarge !== null) return { ...NOTHING, tooLarge };
  // One line more tells that there are more; how many more does not matter.
  const contents = text.split(/\r\n|\n|\r/, MAX_LINES + 1);
  if (contents.length > MAX_LINES) {
    return {
      ...NOTHING,
      tooLarge: `expected at most ${MAX_LINES} lines of prompts, found more; leave some out`,
    };
  }
  const [prompts, lines, problems]: [CustomPrompt[], number[], LineProblem[]] = [[], [], []];
  contents.forEach((content, place) => {
    if (content.trim() === "") return;
    const line = place + 1;
    const read = promptOf(content);
    const message = typeof read === "string" ? read : promptProblem(read);
    if (typeof read === "string" || message !== null) problems.push({ line, message: message ?? "" });
    else {
      prompts.push(read);
      lines.push(line);
    }
  });
  return { prompts, lines, problems, tooLarge: null };
}

function sizeProblem(text: string): string | null {
  // No character is less than a byte: a text of too many need not be counted in bytes.
  const tooLarge = text.length > MAX_TEXT || bytesOf(text) > MAX_TEXT;
  return tooLarge ? `expected at most ${MAX_TEXT} bytes of prompts, found more; shorten them` : null;
}

export function promptsText(prompts: readonly CustomPrompt[]): string {
  return prompts.map(({ sentence, io, s }) => `${sentence} | ${io} | ${s}`).join("\n");
}

/** The parts of a line, or why there are none. The last two bars count, so a sentence may have some of its own. */
function promptOf(line: string): CustomPrompt | string {
  if (line.length > MAX_LINE) {
    return `expected at most ${MAX_SENTENCE} bytes for the sentence and ${MAX_NAME} for a name, found a line of ${line.length} characters; shorten it`;
  }
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
    const odd = unreadable(text);
    if (odd !== null)
      return `expected plain text for ${what}, found ${odd}; delete it, or type the text anew`;
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
  const { prompts, problems, tooLarge } = parsePrompts(text);
  if (tooLarge !== null) return tooLarge;
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
