// What is seen of a decomposition by one side: a heat map a part, the values of one component below, and the table.

import { componentHeatmap } from "../charts/components.ts";
import { cellAt, makeTabStop, type Place, placeAfter, placeOf } from "../charts/grid.ts";
import { legend } from "../charts/legend.ts";
import { limitOf } from "../charts/signed.ts";
import { stacked } from "../charts/stacked.ts";
import { byId, element } from "../dom.ts";
import { type ComponentMap, componentText, type MapShape } from "./decompose-text.ts";

const grids = byId("decompose-maps", HTMLElement);
const readout = byId("decompose-readout", HTMLElement);

export class ComponentsView {
  #maps: ComponentMap[] = [];
  #shape: MapShape = { layers: 0, heads: 0 };
  /** Where the keyboard or the pointer was last. */
  #at: Place = { row: 0, column: 0 };

  constructor() {
    grids.addEventListener("keydown", (event) => this.#press(event));
    grids.addEventListener("pointerover", (event) => this.#point(placeOf(event.target)));
    grids.addEventListener("focusin", (event) => this.#point(placeOf(event.target)));
  }

  show(maps: ComponentMap[], shape: MapShape): void {
    this.#maps = maps;
    this.#shape = shape;
    const limit = limitOf(maps);
    const figures = maps.map((map) => {
      const chart = componentHeatmap(map, shape, limit);
      const figure = element("figure", {}, element("figcaption", {}, map.name), chart);
      figure.style.setProperty("--map-width", `${chart.getAttribute("width")}px`);
      return figure;
    });
    const row = element("div", { class: "row" }, ...figures);
    grids.replaceChildren(element("div", {}, row, legend(limit, { signed: true })));
    this.#point(this.#at);
  }

  hide(): void {
    this.#maps = [];
    grids.replaceChildren();
    readout.textContent = "";
  }

  get figure(): SVGSVGElement | null {
    if (this.#maps.length === 0) return null;
    const limit = limitOf(this.#maps);
    const drawings = this.#maps.map((map) => ({
      name: map.name,
      chart: componentHeatmap(map, this.#shape, limit),
    }));
    return stacked(drawings, limit);
  }

  #press(event: KeyboardEvent): void {
    const place = placeOf(event.target);
    const figure = event.target instanceof Element ? event.target.closest("figure") : null;
    if (place === null || figure === null) return;
    const lastOf = (row: number) => (row === 0 ? 2 : this.#shape.heads + 1);
    const last = { row: this.#shape.layers, column: lastOf(place.row) };
    const next = placeAfter(event.key, place, last);
    if (next === null) return;
    event.preventDefault();
    // The first row has fewer cells than the others.
    cellAt(figure, { ...next, column: Math.min(next.column, lastOf(next.row)) })?.focus();
  }

  /** The same component in every part, with its values below. */
  #point(place: Place | null): void {
    if (place === null) return;
    this.#at = place;
    for (const cell of grids.querySelectorAll(".here")) cell.classList.remove("here");
    for (const figure of grids.querySelectorAll("figure")) {
      makeTabStop(figure, place);
      cellAt(figure, place)?.classList.add("here");
    }
    readout.textContent = componentText(this.#maps, place);
  }
}
