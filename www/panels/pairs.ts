// What is seen of a decomposition by both sides: four planes of pairs, the pair that is pointed at, and the largest
// pairs as bars.

import type { DecompositionResult } from "../../pkg/cpu/patchbay.js";
import { type Place, placeAfter } from "../charts/grid.ts";
import { legend } from "../charts/legend.ts";
import { MARGIN, pairAxis } from "../charts/pair-axes.ts";
import { pairBars } from "../charts/pair-bars.ts";
import { type Colouring, drawPlane, type Plane, planeChart } from "../charts/pairs.ts";
import { stacked } from "../charts/stacked.ts";
import { byId, element } from "../dom.ts";
import { inTurn } from "../slices.ts";
import { readPanel } from "./decompose-form.ts";
import { partName } from "./decompose-text.ts";
import { addExports, type FigureFile } from "./export-buttons.ts";
import { longTable, showLongTable } from "./figures-table.ts";
import {
  type LargePair,
  largestCsv,
  largestPairs,
  largestTable,
  markOf,
  marksOf,
  marksText,
  pairText,
  sumText,
  toggled,
} from "./pairs-text.ts";

const view = byId("pairs-view", HTMLElement);
const host = byId("pairs-planes", HTMLElement);
const readout = byId("pairs-readout", HTMLElement);
const bars = byId("pairs-bars", HTMLElement);
const marksField = byId("decompose-marks", HTMLInputElement);

const LARGEST = 40;
/** A plane's size where nothing is zoomed, roughly. */
const SIDE = 300;

export class PairsView {
  #result: DecompositionResult | null = null;
  #planes: Plane[] = [];
  #limit = 1;
  /** Of the bars that are drawn. */
  #width = 0;
  /** Query by row, key by column: where the keyboard or the pointer was last. */
  #at: Place = { row: 0, column: 0 };

  /** `describe`: what a file of the bars says beside them. */
  constructor(describe: () => Omit<FigureFile, "figure"> | null) {
    addExports(
      "pairs-bars-files",
      "The largest pairs",
      () => {
        const [figure, words] = [bars.querySelector("svg"), describe()];
        return figure === null || words === null ? null : { ...words, figure, stem: `${words.stem}-largest` };
      },
      () => {
        const [result, words] = [this.#result, describe()];
        if (result === null || words === null) return null;
        const largest = this.#largest(result);
        return {
          stem: `${words.stem}-largest`,
          csv: () => largestCsv(largest),
          json: () => ({ source: words.source, spec: result.spec, largest }),
        };
      },
    );
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.redraw());
    new ResizeObserver(() => bars.clientWidth !== this.#width && this.#drawBars()).observe(bars);
  }

  show(result: DecompositionResult): void {
    const { components, parts, spec } = result;
    this.#result = result;
    this.#at = { row: 0, column: 0 };
    this.#planes = parts.map(({ label, values }) => ({
      name: partName(label, spec),
      values,
      components,
    }));
    this.#limit =
      parts.reduce((most, { values }) => values.reduce((a, b) => Math.max(a, Math.abs(b)), most), 0) || 1;
    view.hidden = false;
    const scale = legend(this.#limit, { signed: true });
    host.style.setProperty("--margin", `${MARGIN}px`);
    host.replaceChildren(...this.#planes.map((plane) => this.#figure(plane)), scale);
    readout.textContent = "";
    this.redraw();
    void inTurn([() => this.#drawBars()]);
  }

  hide(): void {
    this.#result = null;
    view.hidden = true;
    host.replaceChildren();
  }

  /** Anew: another threshold, zoom or theme. */
  redraw(): void {
    const { decompose_zoom } = readPanel();
    const components = this.#result?.components ?? [];
    const width = components.length;
    const cell = Math.max(2, Math.floor(SIDE / width)) * Number(decompose_zoom);
    host.style.setProperty("--cell", `${cell}px`);
    for (const [i, canvas] of this.#canvases.entries()) {
      const plane = this.#planes[i];
      if (plane === undefined) continue;
      drawPlane(canvas, plane, this.#colouring);
      canvas.style.setProperty("width", `${width * cell}px`);
      const scroller = canvas.closest(".plane");
      for (const side of ["top", "left"] as const)
        scroller?.querySelector(`.axis.${side}`)?.replaceWith(pairAxis(side, components, cell));
    }
    this.#moveRing();
  }

  get figure(): SVGSVGElement | null {
    if (this.#result === null) return null;
    const drawings = this.#planes.map((plane) => ({
      name: plane.name,
      chart: planeChart(plane, this.#colouring),
    }));
    return stacked(drawings, this.#limit);
  }

  /** Other pairs are marked. */
  remark(): void {
    this.#drawBars();
  }

  get #colouring(): Colouring {
    return { limit: this.#limit, threshold: Number(readPanel().decompose_threshold) / 100 };
  }

  get #canvases(): HTMLCanvasElement[] {
    return [...host.querySelectorAll("canvas")];
  }

  #figure(plane: Plane): HTMLElement {
    const canvas = element("canvas", {
      tabindex: "0",
      role: "application",
      "aria-label": `${plane.name}: pairs of components, rows of the query, columns of the key. Arrow keys move, Enter marks a pair.`,
    });
    canvas.addEventListener("keydown", (event) => this.#press(event, plane.components.length));
    canvas.addEventListener("pointermove", (event) => this.#point(placeUnder(event, canvas)));
    canvas.addEventListener("focus", () => this.#point(this.#at));
    canvas.addEventListener("click", (event) => {
      // A tap points at nothing before.
      this.#point(placeUnder(event, canvas));
      this.#mark();
    });
    const sheet = element("div", { class: "sheet" }, canvas, element("div", { class: "ring" }));
    const axes = (["top", "left"] as const).map((side) => pairAxis(side, [], 1));
    const scroller = element("div", { class: "plane" }, element("div", { class: "corner" }), ...axes, sheet);
    scroller.addEventListener("scroll", () => follow(scroller));
    return element("figure", {}, element("figcaption", {}, plane.name), scroller);
  }

  #press(event: KeyboardEvent, width: number): void {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#mark();
      return;
    }
    const next = placeAfter(event.key, this.#at, { row: width - 1, column: width - 1 });
    if (next === null) return;
    event.preventDefault();
    this.#point(next);
    const sheet = event.target instanceof Element ? event.target.parentElement : null;
    sheet?.querySelector(".ring")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** The same pair in every plane, with its values below. */
  #point(place: Place): void {
    this.#at = place;
    this.#moveRing();
    if (this.#result !== null) readout.textContent = pairText(this.#result, place.row, place.column);
  }

  #moveRing(): void {
    host.style.setProperty("--row", String(this.#at.row));
    host.style.setProperty("--column", String(this.#at.column));
  }

  #mark(): void {
    if (this.#result === null) return;
    const mark = markOf(this.#result, { query: this.#at.row, key: this.#at.column });
    const marks = toggled(marksField.value, mark);
    if (marks.length > marksField.maxLength) {
      byId("pairs-marked", HTMLElement).textContent =
        `There is no room for another mark: at most ${marksField.maxLength} characters. Take one away first.`;
      return;
    }
    marksField.value = marks;
    this.#drawBars();
  }

  #drawBars(): void {
    const result = this.#result;
    this.#width = bars.clientWidth;
    if (result === null || bars.clientWidth === 0) return;
    const largest = this.#largest(result);
    const drawn = largest.map((it) => ({ ...it, name: `${it.query} × ${it.key} ${it.plane}` }));
    bars.replaceChildren(pairBars(drawn, Math.max(260, Math.floor(bars.clientWidth))));
    showLongTable(byId("pairs-table", HTMLElement), longTable("The largest pairs", largestTable(largest)));
    byId("pairs-sum", HTMLElement).textContent = sumText(result);
    byId("pairs-marked", HTMLElement).textContent = marksText(result, marksOf(marksField.value));
  }

  #largest(result: DecompositionResult): LargePair[] {
    return largestPairs(result, LARGEST, marksOf(marksField.value));
  }
}

/** All planes show the same pairs: the others scroll as this one does. */
function follow(scroller: HTMLElement): void {
  for (const other of host.querySelectorAll(".plane")) {
    other.scrollLeft = scroller.scrollLeft;
    other.scrollTop = scroller.scrollTop;
  }
}

function placeUnder(event: MouseEvent, canvas: HTMLCanvasElement): Place {
  const box = canvas.getBoundingClientRect();
  const at = (offset: number, size: number, cells: number) =>
    Math.max(0, Math.min(cells - 1, Math.floor((offset / size) * cells)));
  return {
    row: at(event.clientY - box.top, box.height, canvas.height),
    column: at(event.clientX - box.left, box.width, canvas.width),
  };
}
