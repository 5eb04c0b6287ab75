// What is seen of a sweep, and how it is walked: heatmaps, the values of one head below, and the table.

import type { ModelInfo, SweepResult } from "../../pkg/cpu/patchbay.js";
import { cellAt, makeReachable, makeTabStop, type Place, placeAfter, placeOf } from "../charts/grid.ts";
import { headHeatmap, markHead, takeOver } from "../charts/heads.ts";
import type { HeadsFigure } from "../charts/heads-figure.ts";
import { legend } from "../charts/legend.ts";
import { limitOf } from "../charts/signed.ts";
import { byId, element } from "../dom.ts";
import { inTurn } from "../slices.ts";
import { type HeadMap, headGroups, headMaps, headText, sweepTable } from "./heads-text.ts";
import { showTable } from "./table.ts";

const view = byId("heads-view", HTMLElement);
const grids = byId("heads-maps", HTMLElement);
const table = byId("heads-table", HTMLTableElement);
const readout = byId("heads-readout", HTMLElement);

/** What to do with a head that was chosen. */
type Choose = (layer: number, head: number) => void;

export class HeadsView {
  readonly #aim: Choose;
  #result: SweepResult | null = null;
  #maps: HeadMap[] = [];
  /** Which maps there are on the page, and of how many heads. */
  #drawn = "";
  /** There is something newer than what is drawn. */
  #undrawn = false;
  #model: Pick<ModelInfo, "n_layer" | "n_head"> = { n_layer: 0, n_head: 0 };
  /** The shown run's head; null where it is no head of this sweep's. */
  #marked: Place | null = null;
  /** Where the keyboard or the pointer was last. */
  #at: Place = { row: 0, column: 0 };

  constructor(aim: Choose) {
    this.#aim = aim;
    makeReachable(table);
    grids.addEventListener("click", (event) => this.#choose(placeOf(event.target)));
    grids.addEventListener("keydown", (event) => this.#press(event));
    grids.addEventListener("pointerover", (event) => this.#point(placeOf(event.target)));
    grids.addEventListener("pointerleave", () => this.#point(focusedPlace()));
    grids.addEventListener("focusin", (event) => this.#point(placeOf(event.target)));
    grids.addEventListener("focusout", () => this.#point(null));
  }

  /** `marked`: see `mark`. A map a task: eleven of 144 heads at once would hold the page up. */
  show(result: SweepResult, model: ModelInfo, marked: Place | null): void {
    this.#result = result;
    this.#maps = headMaps(result);
    this.#model = model;
    view.hidden = this.#maps.length === 0;
    this.mark(marked);
    this.#undrawn = true;
    if (view.getAttribute("aria-busy") !== "true") void this.#drawAll();
  }

  /** Marks the head that the page shows; null: what is shown is not of the page's run. */
  mark(marked: Place | null): void {
    this.#marked = marked;
    view.classList.toggle("stale", marked === null);
    const moved = grids.contains(document.activeElement);
    if (marked !== null && !moved) this.#at = marked;
    for (const figure of figures()) {
      const chart = figure.querySelector("svg");
      if (chart !== null) markHead(chart, marked);
      makeTabStop(figure, this.#at);
    }
    if (!moved) this.#point(null);
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

  /** What comes while the maps are being drawn waits for the last of them, or that would never be drawn. */
  async #drawAll(): Promise<void> {
    view.setAttribute("aria-busy", "true");
    try {
      while (this.#undrawn) {
        this.#undrawn = false;
        await inTurn(this.#steps());
      }
    } finally {
      view.setAttribute("aria-busy", "false");
    }
  }

  #steps(): (() => void)[] {
    const result = this.#result;
    if (result === null) return [];
    const groups = headGroups(this.#maps);
    const kind = JSON.stringify([groups.map((maps) => maps.map(({ name }) => name)), this.#model]);
    // Other maps are drawn aside first, so that nothing on the page moves meanwhile.
    const rows = kind === this.#drawn ? [...grids.children] : groups.map(emptyGroup);
    const steps = groups.flatMap((maps, i) => {
      const limit = limitOf(maps);
      const hosts = [...(rows[i]?.querySelectorAll("figure") ?? [])];
      return [
        ...maps.map((map, j) => {
          const host = hosts[j];
          return () => host && this.#drawMap(host, map, limit);
        }),
        () => rows[i]?.querySelector(".legend")?.replaceWith(legend(limit, { signed: true })),
      ];
    });
    const put = () => {
      if (kind === this.#drawn) return;
      const focused = grids.contains(document.activeElement);
      grids.replaceChildren(...rows);
      this.#drawn = kind;
      if (focused) cellAt(grids, this.#at)?.focus({ preventScroll: true });
    };
    return [...steps, put, () => showTable(table, "Mean score difference of every head", sweepTable(result))];
  }

  #drawMap(figure: HTMLElement, map: HeadMap, limit: number): void {
    const { n_layer: layers, n_head: heads } = this.#model;
    const next = headHeatmap(map, { layers, heads, limit });
    const before = figure.querySelector("svg");
    const chart = before !== null && takeOver(before, next) ? before : next;
    markHead(chart, this.#marked);
    if (chart === next) {
      figure.replaceChildren(element("figcaption", {}, map.name), chart);
      // A long name is broken rather than making its map's place wider.
      figure.style.setProperty("--map-width", `${chart.getAttribute("width")}px`);
    }
    makeTabStop(figure, this.#at);
    this.#point(focusedPlace());
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

/** Room for the maps of one colour scale. */
function emptyGroup(maps: readonly HeadMap[]): HTMLElement {
  const row = element("div", { class: "row" }, ...maps.map(() => element("figure")));
  return element("div", {}, row, legend(limitOf(maps), { signed: true }));
}

/** Of the keyboard, where it is in a map. */
function focusedPlace(): Place | null {
  return grids.contains(document.activeElement) ? placeOf(document.activeElement) : null;
}

function figures(): HTMLElement[] {
  return [...grids.querySelectorAll("figure")];
}
