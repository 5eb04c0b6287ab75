// What a chart is: a picture for screen and file alike, and what in it can be pointed at. Rings and the cursor are laid
// over the picture on the screen, so that no file has them.

import type { VNode } from "preact";
import type { Places } from "../frame/frame.ts";
import type { Place, Size } from "../screen/grid.ts";

export interface Drawing {
  /** In pixels; `picture` is the content of an <svg> of this size. */
  width: number;
  height: number;
  picture: VNode;
  /** Null where there is nothing to point at. */
  board: Board | null;
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
  round?: boolean;
}

/** What can be pointed at, in rows and columns, as the keyboard walks it. */
export interface Board extends Size {
  /** Where a place is drawn: in each of several maps, for instance. The first is the place's own. */
  boxes: (place: Place) => Box[];
  /** What is drawn there, in pixels of the picture. */
  under: (x: number, y: number) => Place | null;
  /** Where only some places are something: the one in the same row that is. */
  nearest?: (place: Place) => Place;
  /** What stands in line with a place, marked more lightly. */
  bands?: (place: Place) => Box[];
  /** The place in words, with its numbers. */
  say: (place: Place) => string;
  /** What is chosen with it; null where nothing is to be. */
  places: (place: Place) => Places | null;
}

/** Of places that are boxes: the one that a point is in. */
export function inBoxes({ rows, columns, boxes }: Size & Pick<Board, "boxes">): Board["under"] {
  return (x, y) => {
    for (let row = 0; row < rows; row += 1)
      for (let column = 0; column < columns; column += 1)
        if (boxes({ row, column }).some((box) => isIn(box, x, y))) return { row, column };
    return null;
  };
}

export function isIn({ left, top, width, height }: Box, x: number, y: number): boolean {
  return x >= left && x < left + width && y >= top && y < top + height;
}

/** Whatever the page shows them in, colours come from charts.css; a file gets the light ones in their place. */
export const INK = {
  text: "var(--figure-text)",
  quiet: "var(--figure-quiet)",
  grid: "var(--figure-grid)",
  paper: "var(--paper)",
  plain: "var(--figure-clean)",
  accent: "var(--figure-edited)",
  plus: "var(--plus)",
  minus: "var(--minus)",
} as const;

/** The fill of a value around 0: its sign's colour, and as strong as the value is large. */
export function fillOf(value: number, limit: number) {
  const strength = limit === 0 ? 0 : Math.min(1, Math.abs(value) / limit);
  return { fill: value < 0 ? INK.minus : INK.plus, "fill-opacity": Number(strength.toFixed(3)) };
}

const STEPS = 40;

/** How strong a value's colour is, from -1 to 1, in steps that nobody tells apart: so that few paths draw many cells. */
export function stepOf(value: number, limit: number): number {
  const strength = limit === 0 ? 0 : Math.min(1, Math.abs(value) / limit);
  // Never -0, which is another key.
  return (Math.round(strength * STEPS) / STEPS) * Math.sign(value) + 0;
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
