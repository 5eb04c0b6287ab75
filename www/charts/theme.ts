// What the charts have in common: colours, type, and how a plot is made to fit the page's policy.

import * as Plot from "@observablehq/plot";

/** Colours of figures.css, which follow the system's light or dark; an exported file gets the light ones in their place. */
export const INK = {
  text: "var(--figure-text)",
  quiet: "var(--figure-quiet)",
  grid: "var(--figure-grid)",
  clean: "var(--figure-clean)",
  edited: "var(--figure-edited)",
  chosen: "var(--figure-chosen)",
  paper: "var(--figure-paper)",
};

export const FONT_SIZE = 12;
/** Roughly, of a letter in that size. */
const LETTER = 6.6;

export const SCORE = "attention score END→IO − END→S1";

export function plot(options: Plot.PlotOptions): SVGSVGElement {
  const made = Plot.plot({
    ...options,
    style: { background: "none", color: INK.text, fontSize: `${FONT_SIZE}px`, overflow: "visible" },
  });
  if (!(made instanceof SVGSVGElement)) throw new Error("expected a plot without legend or caption");
  // The page's Content-Security-Policy allows no styles of the moment; Plot's own rules are in figures.css.
  made.querySelector("style")?.remove();
  return made;
}

/** Room for the longest of these labels; a very long one runs over two lines or is cut by the chart's edge. */
export function labelWidth(labels: readonly string[], most = 170): number {
  const longest = labels.reduce((length, label) => Math.max(length, label.length), 0);
  return Math.min(most, Math.ceil(longest * LETTER) + 14);
}

/** A label in lines of at most so many letters, broken at spaces. */
export function wrapped(label: string, letters = 24): string {
  const lines: string[] = [];
  for (const word of label.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
