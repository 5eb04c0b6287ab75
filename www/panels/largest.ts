// The largest pairs of a decomposition by both sides, as bars, a table and files; those that are marked stand out.

import type { DecompositionResult } from "../../pkg/cpu/patchbay.js";
import { pairBars } from "../charts/pair-bars.ts";
import { byId } from "../dom.ts";
import { addExports, type FigureFile, type Numbers } from "./export-buttons.ts";
import { longTable, showLongTable } from "./figures-table.ts";
import {
  type LargePair,
  largestCsv,
  largestPairs,
  largestTable,
  marksOf,
  marksText,
  sumText,
  toggled,
} from "./pairs-text.ts";

const bars = byId("pairs-bars", HTMLElement);
const marked = byId("pairs-marked", HTMLElement);
const field = byId("decompose-marks", HTMLInputElement);

const COUNT = 40;
const TITLE = "The largest pairs";

/** What files say of the run. */
export type DescribePairs = () => (Omit<FigureFile, "figure"> & { about: object }) | null;

export class LargestPairs {
  readonly #describe: DescribePairs;
  #result: DecompositionResult | null = null;
  /** Of the bars that are drawn. */
  #width = 0;

  constructor(describe: DescribePairs) {
    this.#describe = describe;
    addExports(
      "pairs-bars-files",
      TITLE,
      () => this.#figure(),
      () => this.#numbers(),
    );
    new ResizeObserver(() => bars.clientWidth !== this.#width && this.draw()).observe(bars);
  }

  show(result: DecompositionResult | null): void {
    this.#result = result;
    this.draw();
  }

  /** Marks this pair, or takes its mark away. */
  mark(pair: string): void {
    const marks = toggled(field.value, pair);
    if (marks.length > field.maxLength) {
      marked.textContent = `There is no room for another mark: at most ${field.maxLength} characters. Take one away first.`;
      return;
    }
    field.value = marks;
    this.draw();
  }

  /** Anew: another width, or other marks. */
  draw(): void {
    const result = this.#result;
    this.#width = bars.clientWidth;
    if (result === null || bars.clientWidth === 0) return;
    const largest = largestOf(result);
    const drawn = largest.map((it) => ({ ...it, name: `${it.query} × ${it.key} ${it.plane}` }));
    bars.replaceChildren(pairBars(drawn, Math.max(260, Math.floor(bars.clientWidth))));
    showLongTable(byId("pairs-table", HTMLElement), longTable(TITLE, largestTable(largest)));
    byId("pairs-sum", HTMLElement).textContent = sumText(result);
    marked.textContent = marksText(result, marksOf(field.value));
  }

  #figure(): FigureFile | null {
    const [figure, words] = [bars.querySelector("svg"), this.#describe()];
    return figure === null || words === null ? null : { ...words, figure, stem: stemOf(words) };
  }

  #numbers(): Numbers | null {
    const [result, words] = [this.#result, this.#describe()];
    if (result === null || words === null) return null;
    const largest = largestOf(result);
    return {
      stem: stemOf(words),
      csv: () => largestCsv(largest),
      json: () => ({ ...words.about, head: result.head, spec: result.spec, largest }),
    };
  }
}

function largestOf(result: DecompositionResult): LargePair[] {
  return largestPairs(result, COUNT, marksOf(field.value));
}

const stemOf = ({ stem }: { stem: string }) => `${stem}-largest`;
