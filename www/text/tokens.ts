// Tokens as they are read: what would be nothing has a sign, and a sentence in words looks as it will in tokens.

import { visible } from "./plain-text.ts";

/** The model's token before a text. */
export const BOS = "<|endoftext|>";

/** Positions of roles by their names. */
export type Roles = Readonly<Record<string, number>>;

export interface Sentence {
  sentence: string;
  io: string;
  s: string;
}

export interface Line {
  tokens: readonly string[];
  roles: Roles;
}

const SIGNS: Readonly<Record<string, string>> = { "\n": "⏎", "\t": "⇥" };

/** With a sign for what would be nothing; the crate's sentences and figures have the same (crate/src/report/tokens.rs). */
function signed(token: string): string {
  // Few fonts have Unicode's pictures of control characters.
  const hex = (control: string) => control.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
  const sign = (control: string) => SIGNS[control] ?? `<0x${hex(control)}>`;
  return visible(token.replace(/\p{Cc}/gu, sign));
}

/** A token among others, where blanks between them need not be seen. */
export function tokenText(token: string): string {
  return token === BOS ? "BOS" : signed(token).trim() || (token === "" ? "∅" : "␣");
}

/** A token by itself, with each of its blanks. */
export function exactText(token: string): string {
  return token === "" ? "∅" : signed(token.replaceAll(" ", "·"));
}

/** In a sentence no line is to break after a token's own space, nor between a token and its share. */
export function unbroken(text: string): string {
  return text.replaceAll("“ ", "“\u00a0").replace(/” (?=[<>(]?\d)/g, "”\u00a0");
}

/** "S1" by position; two roles that meet in a token are "S1 END". Places beside a role, such as S1+1, have no name here. */
export function rolesByPosition(roles: Roles): ReadonlyMap<number, string> {
  const named = new Map<number, string>();
  for (const [name, at] of Object.entries(roles))
    if (!name.includes("+")) named.set(at, [named.get(at), name].filter(Boolean).join(" "));
  return named;
}

/** A prompt's sentence in words, up to END, as far as roles can be told without a model: IO and S are words of their own. */
export function inWords({ sentence, io, s }: Sentence, prependBos: boolean): Line {
  const words = sentence.split(" ").slice(0, -1);
  const shift = prependBos ? 1 : 0;
  const [s1, s2] = [words.indexOf(s), words.lastIndexOf(s)];
  // A name that stands once has no first mention.
  const found = { IO: words.indexOf(io), S1: s1 === s2 ? -1 : s1, S2: s2, END: words.length - 1 };
  const roles = Object.entries(found).flatMap(([name, at]) => (at < 0 ? [] : [[name, at + shift] as const]));
  return { tokens: [...(prependBos ? [BOS] : []), ...words], roles: Object.fromEntries(roles) };
}

/** Its flipped form, with names of its own. */
export function flippedOf(example: { flipped: string; flipped_io: string; flipped_s: string }): Sentence {
  return { sentence: example.flipped, io: example.flipped_io, s: example.flipped_s };
}
