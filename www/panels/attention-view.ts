// What is seen of one prompt's attention, and how it is walked: queries above, keys in strips below.

import type { AttentionResult } from "../../pkg/cpu/patchbay.js";
import { attentionStrips, queryButtons } from "../charts/attention.ts";
import { cellAt, makeReachable, makeTabStop, type Place, placeAfter, placeOf } from "../charts/grid.ts";
import { legend } from "../charts/legend.ts";
import { byId } from "../dom.ts";
import { attentionTable, keyText, type Measure, scaleLimit, tokenName } from "./attention-text.ts";
import { showTable } from "./table.ts";

const section = byId("attention", HTMLElement);
const view = byId("attention-view", HTMLElement);
const title = byId("query-title", HTMLElement);
const queries = byId("queries", HTMLElement);
const strips = byId("strips", HTMLElement);
const table = byId("attention-table", HTMLTableElement);
const readout = byId("attention-readout", HTMLElement);

export class AttentionView {
  #result: AttentionResult | null = null;
  #measure: Measure = "scores";
  /** The token that is pointed at, and the one that is kept. */
  #pointed: number | null = null;
  #kept: number | null = null;
  /** The key that the keyboard was at last. */
  #key: Place = { row: 0, column: 0 };

  constructor() {
    makeReachable(table);
    for (const radio of section.querySelectorAll<HTMLInputElement>('input[name="measure"]')) {
      radio.addEventListener("change", () => {
        this.#measure = radio.value as Measure;
        this.#draw();
      });
    }
    queries.addEventListener("pointerover", (event) => this.#point(placeOf(event.target)));
    queries.addEventListener("pointerleave", () => this.#point(null));
    queries.addEventListener("focusin", (event) => {
      // A click keeps; that it also brings the focus is no pointing.
      if (event.target instanceof Element && event.target.matches(":focus-visible"))
        this.#point(placeOf(event.target));
    });
    queries.addEventListener("focusout", () => {
      // Only then is it known where the keyboard is: strips drawn anew under it would lose it.
      setTimeout(() => {
        if (!queries.contains(document.activeElement)) this.#point(null);
      });
    });
    queries.addEventListener("click", (event) => this.#keep(placeOf(event.target)));
    queries.addEventListener("keydown", (event) => walk(event, queries, 1));
    strips.addEventListener("keydown", (event) => walk(event, strips, this.#conditions));
    strips.addEventListener("pointerover", (event) => this.#read(placeOf(event.target)));
    strips.addEventListener("pointerleave", () => this.#read(null));
    strips.addEventListener("focusin", (event) => this.#read(placeOf(event.target)));
    strips.addEventListener("focusout", () => this.#read(null));
    // With the keyboard in here Esc is for the token alone, not for a run that may be going on.
    section.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#letGo()) event.stopPropagation();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#letGo();
    });
  }

  show(result: AttentionResult): void {
    this.#result = result;
    this.#pointed = null;
    this.#kept = null;
    this.#key = { row: 0, column: result.positions.io };
    const hadKeyboard = queries.contains(document.activeElement);
    queries.replaceChildren(...queryButtons(result));
    makeTabStop(queries, { row: 0, column: result.positions.end });
    view.hidden = false;
    view.classList.remove("stale");
    this.#draw();
    if (hadKeyboard) cellAt(queries, { row: 0, column: result.positions.end })?.focus();
  }

  /** As it is shown now, for a file; null where nothing is, or what is shown is on its way out. */
  get shown(): { result: AttentionResult; measure: Measure; query: number } | null {
    const stale = view.hidden || view.classList.contains("stale");
    return this.#result === null || stale
      ? null
      : { result: this.#result, measure: this.#measure, query: this.#query };
  }

  /** Another prompt or head is asked for. */
  wait(): void {
    view.classList.add("stale");
  }

  hide(): void {
    view.hidden = true;
  }

  get #conditions(): number {
    return Object.keys(this.#result?.conditions ?? {}).length;
  }

  get #query(): number {
    return this.#kept ?? this.#pointed ?? this.#result?.positions.end ?? 0;
  }

  #point(place: Place | null): void {
    this.#pointed = place?.column ?? null;
    if (this.#kept === null) this.#draw();
  }

  #keep(place: Place | null): void {
    if (place === null) return;
    // What is kept already is let go.
    this.#kept = this.#kept === place.column ? null : place.column;
    makeTabStop(queries, place);
    this.#draw();
  }

  #letGo(): boolean {
    if (this.#kept === null) return false;
    this.#kept = null;
    this.#pointed = null;
    this.#draw();
    return true;
  }

  #draw(): void {
    const result = this.#result;
    if (result === null) return;
    const query = this.#query;
    const kept = this.#kept !== null;
    title.textContent = `From ${tokenName(result, query)}, position ${query}${kept ? ", kept" : ""}`;
    for (const button of queries.children) {
      const at = placeOf(button)?.column;
      button.classList.toggle("here", at === query);
      button.setAttribute("aria-pressed", String(at === this.#kept));
    }
    const hadKeyboard = strips.contains(document.activeElement);
    strips.replaceChildren(attentionStrips(result, this.#measure, query));
    makeTabStop(strips, this.#key);
    if (hadKeyboard) cellAt(strips, this.#key)?.focus();
    const limit = scaleLimit(result, this.#measure, query);
    byId("attention-legend", HTMLElement).replaceChildren(
      legend(limit, { signed: this.#measure === "scores" }),
    );
    const caption = `Attention ${this.#measure} from ${tokenName(result, query)}`;
    showTable(table, caption, attentionTable(result, this.#measure, query));
    this.#read(hadKeyboard ? this.#key : null);
  }

  /** One key, the same in every strip, with its values below; null: the experiment's IO. */
  #read(place: Place | null): void {
    const result = this.#result;
    if (result === null) return;
    for (const cell of strips.querySelectorAll(".here")) cell.classList.remove("here");
    if (place !== null) {
      this.#key = place;
      makeTabStop(strips, place);
      for (const cell of strips.querySelectorAll(`[data-column="${place.column}"]`))
        cell.classList.add("here");
    }
    const key = place?.column ?? result.positions.io;
    readout.textContent = keyText(result, this.#measure, this.#query, key);
  }
}

/** Arrow keys move the focus among the cells of a grid of so many rows. */
function walk(event: KeyboardEvent, grid: Element, rows: number): void {
  const place = placeOf(event.target);
  if (place === null) return;
  const columns = grid.querySelectorAll(`[data-row="${place.row}"]`).length;
  const next = placeAfter(event.key, place, { row: rows - 1, column: columns - 1 });
  if (next === null) return;
  event.preventDefault();
  makeTabStop(grid, next);
  cellAt(grid, next)?.focus();
}
