// A prompt token by token: where the roles stand, and each token as an element.

import type { Positions } from "../../pkg/cpu/patchbay.js";
import { element } from "../dom.ts";
import { visible } from "../plain-text.ts";

export type Role = "IO" | "S1" | "S2" | "END";

export interface TokenLine {
  tokens: readonly string[];
  ids: readonly number[];
}

const BOS = "<|endoftext|>";

function roleAt(positions: Positions, at: number): Role | null {
  if (at === positions.io) return "IO";
  if (at === positions.s1) return "S1";
  if (at === positions.s2) return "S2";
  return at === positions.end ? "END" : null;
}

/** The line as running text, roles underlined and labelled; what stands behind END is the answer. */
export function runningTokens({ tokens, ids }: TokenLine, positions: Positions): HTMLElement[] {
  return tokens.map((token, at) => {
    const role = roleAt(positions, at);
    const title = `${role === null ? "" : `${role}, `}position ${at}, id ${ids[at]}`;
    const made = element(
      "span",
      { class: `prompt-token ${kindOf(token, at, positions)}`, title },
      shortened(token, at),
    );
    if (role !== null) made.append(element("small", {}, role));
    return made;
  });
}

/** The flipped line: what differs from the original is marked. Roles keep the original's positions. */
export function flippedTokens({ tokens, ids }: TokenLine, original: TokenLine): HTMLElement[] {
  return tokens.map((token, at) => {
    const changed = ids[at] !== original.ids[at];
    const title = `position ${at}, id ${ids[at]}`;
    const kind = changed ? " changed" : at === 0 && token === BOS ? " bos" : "";
    return element("span", { class: `prompt-token${kind}`, title }, shortened(token, at));
  });
}

/** A box a token: its text with blanks made visible, its role, its position and its id. */
export function tokenBoxes(line: TokenLine, positions: Positions, original = line): HTMLElement[] {
  return line.tokens.map((token, at) => {
    const role = roleAt(positions, at);
    const changed = line.ids[at] !== original.ids[at];
    return element(
      "li",
      { class: `token-box ${kindOf(token, at, positions)}${changed ? " changed" : ""}` },
      element("span", { class: "box-role" }, role ?? ""),
      element("span", { class: "box-text" }, withBlanks(token)),
      element("span", { class: "box-place" }, String(at)),
      element("span", { class: "box-id" }, String(line.ids[at])),
    );
  });
}

function kindOf(token: string, at: number, positions: Positions): string {
  const role = roleAt(positions, at);
  if (role !== null) return `role ${role.toLowerCase()}`;
  if (at > positions.end) return "answer-token";
  return at === 0 && token === BOS ? "bos" : "";
}

/** In running text the first token is not worth its length. */
function shortened(token: string, at: number): string {
  return at === 0 && token === BOS ? "BOS" : visible(token);
}

function withBlanks(token: string): string {
  return visible(token.replaceAll(" ", "·").replaceAll("\n", "⏎").replaceAll("\t", "⇥"));
}
