// What is seen of a decomposition by both sides: four planes of pairs, the pair that is pointed at, and the largest.

import type { DecompositionResult } from "../../pkg/cpu/patchbay.js";
import { type Place, placeAfter } from "../charts/grid.ts";
import { legend } from "../charts/legend.ts";
import { MARGIN, pairAxis } from "../charts/pair-axes.ts";
import { type Colouring, drawPlane, type Plane, planeChart } from "../charts/pairs.ts";
import { stacked } from "../charts/stacked.ts";
import { byId, element } from "../dom.ts";
import { inTurn } from "../slices.ts";
import { readPanel } from "./decompose-form.ts";
import { partName } from "./decompose-text.ts";
import { type DescribePairs, LargestPairs } from "./largest.ts";
import { markOf, pairText } from "./pairs-text.ts";

const view = byId("pairs-view", HTMLElement);
const host = byId("pairs-planes", HTMLElement);
const readout = byId("pairs-readout", HTMLElement);

/** A plane's size where nothing is zoomed, roughly. */
const SIDE = 300;

export class PairsView {
  readonly #largest: LargestPairs;
  #result: DecompositionResult | null = null;
  #planes: Plane[] = [];
  #limit = 1;
  /** Query by row, key by column: where the keyboard or the pointer was last. */
  #at: Place = { row: 0, column: 0 };

  constructor(describe: DescribePairs) {
    this.#largest = new LargestPairs(describe);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.redraw());
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
    void inTurn([() => this.#largest.show(result)], () => this.#result !== result);
  }

  hide(): void {
    this.#result = null;
    this.#largest.show(null);
    view.hidden = true;
    host.replaceChildren();
  }

  /** Anew: another threshold, zoom or theme. */
  redraw(): void {
    if (this.#result === null) return;
    const { decompose_zoom } = readPanel();
    const { components } = this.#result;
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
    this.#largest.draw();
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
    this.#largest.mark(markOf(this.#result, { query: this.#at.row, key: this.#at.column }));
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
