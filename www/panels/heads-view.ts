// What is seen of a sweep, and how it is walked: heatmaps, the values of one head below, and the table.

import type { ModelInfo, SweepResult } from "../../pkg/cpu/patchbay.js";
import { cellAt, makeReachable, makeTabStop, type Place, placeAfter, placeOf } from "../charts/grid.ts";
import { headHeatmap } from "../charts/heads.ts";
import type { HeadsFigure } from "../charts/heads-figure.ts";
import { legend } from "../charts/legend.ts";
import { byId, element } from "../dom.ts";
import { type HeadMap, headGroups, headMaps, headText, limitOf, sweepTable } from "./heads-text.ts";
import { showTable } from "./table.ts";

const view = byId("heads-view", HTMLElement);
const grids = byId("heads-maps", HTMLElement);
const table = byId("heads-table", HTMLTableElement);
const readout = byId("heads-readout", HTMLElement);

/** What to do with a head that was chosen. */
export type Aim = (layer: number, head: number) => void;

export class HeadsView {
  readonly #aim: Aim;
  #maps: HeadMap[] = [];
  #model: Pick<ModelInfo, "n_layer" | "n_head"> = { n_layer: 0, n_head: 0 };
  /** The shown run's head; null where it is no head of this sweep's. */
  #marked: Place | null = null;
  /** Where the keyboard or the pointer was last. */
  #at: Place = { row: 0, column: 0 };

  constructor(aim: Aim) {
    this.#aim = aim;
    makeReachable(table);
    grids.addEventListener("click", (event) => this.#choose(placeOf(event.target)));
    grids.addEventListener("keydown", (event) => this.#press(event));
    grids.addEventListener("pointerover", (event) => this.#point(placeOf(event.target)));
    grids.addEventListener("pointerleave", () => this.#point(placeOf(document.activeElement)));
    grids.addEventListener("focusin", (event) => this.#point(placeOf(event.target)));
    grids.addEventListener("focusout", () => this.#point(null));
  }

  /** `marked`: see `mark`. */
  show(result: SweepResult, model: ModelInfo, marked: Place | null): void {
    this.#maps = headMaps(result);
    this.#model = model;
    view.hidden = this.#maps.length === 0;
    showTable(table, "Mean score difference of every head", sweepTable(result));
    this.mark(marked);
  }

  /** Marks the head that the page shows; null: what is shown is not of the page's run. */
  mark(marked: Place | null): void {
    this.#marked = marked;
    view.classList.toggle("stale", marked === null);
    const moved = grids.contains(document.activeElement);
    if (marked !== null && !moved) this.#at = marked;
    this.#draw();
  }

  /** As it is shown, for a file; null where nothing is. */
  get figure(): HeadsFigure | null {
    const { n_layer: layers, n_head: heads } = this.#model;
    const groups = headGroups(this.#maps);
    return groups.length === 0 ? null : { groups, layers, heads, marked: this.#marked };
  }

  focus(): void {
    cellAt(grids, this.#at)?.focus();
  }

  #draw(): void {
    const focused = figures().findIndex((it) => it.contains(document.activeElement));
    const at = this.#at;
    grids.replaceChildren(...headGroups(this.#maps).map((group) => this.#drawGroup(group)));
    for (const figure of figures()) makeTabStop(figure, at);
    const figure = figures()[focused];
    if (figure) cellAt(figure, at)?.focus({ preventScroll: true });
    else this.#point(null);
  }

  #drawGroup(maps: readonly HeadMap[]): HTMLElement {
    const { n_layer: layers, n_head: heads } = this.#model;
    const options = { layers, heads, limit: limitOf(maps), marked: this.#marked };
    const drawn = maps.map((map) =>
      element("figure", {}, element("figcaption", {}, map.name), headHeatmap(map, options)),
    );
    const row = element("div", { class: "row" }, ...drawn);
    return element("div", {}, row, legend(options.limit, { signed: true }));
  }

  #press(event: KeyboardEvent): void {
    const place = placeOf(event.target);
    const figure = event.target instanceof Element ? event.target.closest("figure") : null;
    if (place === null || figure === null) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#choose(place);
      return;
    }
    const last = { row: this.#model.n_layer - 1, column: this.#model.n_head - 1 };
    const next = placeAfter(event.key, place, last);
    if (next === null) return;
    event.preventDefault();
    // A layer that is not measured yet has no cells.
    cellAt(figure, next)?.focus();
  }

  /** The same head in every map, with its values below; null: the marked head's values. */
  #point(place: Place | null): void {
    for (const cell of grids.querySelectorAll(".here")) cell.classList.remove("here");
    if (place !== null) {
      this.#at = place;
      for (const figure of figures()) {
        makeTabStop(figure, place);
        cellAt(figure, place)?.classList.add("here");
      }
    }
    const read = place ?? this.#marked;
    readout.textContent = read === null ? "" : headText(this.#maps, { layer: read.row, head: read.column });
  }

  #choose(place: Place | null): void {
    if (place !== null) this.#aim(place.row, place.column);
  }
}

function figures(): HTMLElement[] {
  return [...grids.querySelectorAll("figure")];
}
