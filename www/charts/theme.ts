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
};

const FONT_SIZE = 12;
/** Roughly, of a letter in that size. */
const LETTER = 7.6;
/** Between a name and the plot. */
const GAP = 14;

export const SCORE = "attention score END→IO − END→S1";

export function plot(options: Plot.PlotOptions): SVGSVGElement {
  const made = Plot.plot({
    ...options,
    style: { background: "none", color: INK.text, fontSize: `${FONT_SIZE}px`, overflow: "visible" },
  });
  if (!(made instanceof SVGSVGElement)) throw new Error("expected a plot without legend or caption");
  // The page's Content-Security-Policy allows no styles of the moment; Plot's own rules are in figures.css.
  made.querySelector("style")?.remove();
  // Plot names its marks by their kind, which no role goes with: the figure has a name of its own.
  for (const mark of made.querySelectorAll("g[aria-label]")) {
    mark.setAttribute("data-mark", mark.getAttribute("aria-label") ?? "");
    mark.removeAttribute("aria-label");
  }
  return made;
}

/** An axis of conditions: their names in lines, and the room that these take of a chart of this width. */
export function nameAxis(
  names: readonly string[],
  width: number,
): { margin: number; format: (name: string) => string } {
  const letters = Math.max(12, Math.floor((width * 0.36 - GAP) / LETTER));
  const longest = names
    .flatMap((name) => wrapped(name, letters).split("\n"))
    .reduce((length, line) => Math.max(length, line.length), 0);
  return { margin: Math.ceil(longest * LETTER) + GAP, format: (name) => wrapped(name, letters) };
}

/** As many as have room beside each other. */
export function ticksFor(width: number): number {
  return Math.max(2, Math.min(6, Math.floor(width / 55)));
}

/** A label in lines of at most so many letters, broken at spaces. */
export function wrapped(label: string, letters: number): string {
  const lines: string[] = [];
  for (const word of label.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** A label in one line of this width. */
export function cut(label: string, width: number): string {
  const letters = Math.floor(width / LETTER);
  return label.length <= letters ? label : `${label.slice(0, letters - 1)}…`;
}
