// The room that a text takes, estimated by the widest of the usual fonts: a figure's file is opened where its fonts are
// not known, and nothing may be cut there.

export const FONT_SIZE = 12;
export const LINE = 15;

/** Shares of the font's size. */
const WIDTHS: [RegExp, number][] = [
  [/[ijl.,:;'|! ]/, 0.36],
  [/[frtI()[\]/\\"-]/, 0.46],
  [/[mwMW%@…]/, 1],
  [/[a-z0-9_]/, 0.64],
  // What else there is of Latin, Greek and Cyrillic, Hebrew, and of signs.
  [/[!-\u058f\u05d0-\u05f2‐-⊿]/, 0.84],
];
/** Of other scripts and pictures. */
const WIDEST = 1.3;
const BOLD = 1.12;

const known = new Map<string, number>();

export function widthOf(text: string, { size = FONT_SIZE, bold = false } = {}): number {
  let width = 0;
  for (const character of text) {
    let own = known.get(character);
    if (own === undefined) {
      own = (WIDTHS.find(([kind]) => kind.test(character)) ?? [null, WIDEST])[1];
      known.set(character, own);
    }
    width += own;
  }
  return width * size * (bold ? BOLD : 1);
}

export function widest(texts: readonly string[], how?: { size?: number; bold?: boolean }): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text, how)), 0);
}

/** A text in one line of this width, its end left out where it is too long. */
export function cut(text: string, width: number, how?: { size?: number; bold?: boolean }): string {
  if (widthOf(text, how) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && widthOf(`${characters.join("")}…`, how) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}

/** A text in lines of at most this width, broken at spaces; words that are too long for a line are cut. */
export function wrapped(text: string, width: number, how?: { size?: number; bold?: boolean }): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer, how) <= width) lines[lines.length - 1] = longer;
    else lines.push(cut(word, width, how));
  }
  return lines;
}
