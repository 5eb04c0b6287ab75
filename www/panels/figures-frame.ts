// What every figure has around it: a table with the same numbers, and buttons for the files.

import { byId, element } from "../dom.ts";
import { type FigureFile, figureButtons } from "./export-buttons.ts";
import { type LongTable, showLongTable } from "./figures-table.ts";

export class Frame {
  readonly plot: HTMLElement;
  readonly #name: string;
  readonly #title: string;
  readonly #caption: HTMLElement;
  readonly #twin = element("div");
  readonly #status = element("p", { class: "hint", role: "status" });
  /** The stem of file names and the run in words. */
  #run = { stem: "", source: "" };

  /** Of the figure with this id in index.html, which has its title, its plot and its caption. */
  constructor(name: string) {
    const figure = byId(`figure-${name}`, HTMLElement);
    const [title, plot, caption] = ["h3", ".plot", "figcaption"].map((it) => figure.querySelector(it));
    if (!(title instanceof HTMLElement && plot instanceof HTMLElement && caption instanceof HTMLElement))
      throw new Error(`index.html: expected a title, a plot and a caption in #figure-${name}`);
    this.#name = name;
    this.#title = title.textContent ?? "";
    this.plot = plot;
    this.#caption = caption;
    const head = element("div", { class: "figure-head" });
    title.replaceWith(head);
    head.append(title, ...figureButtons(this.#title, this.#status, () => this.#file()));
    const details = element("details", {}, element("summary", {}, "Table"), this.#twin);
    details.querySelector("summary")?.setAttribute("aria-label", `Table: ${this.#title}`);
    figure.append(this.#status, details);
  }

  /** How wide a figure may be here. */
  get width(): number {
    return Math.max(240, Math.floor(this.plot.clientWidth));
  }

  show(svg: SVGSVGElement, caption?: string): void {
    this.plot.replaceChildren(svg);
    if (caption !== undefined) this.#caption.textContent = caption;
    this.#status.textContent = "";
  }

  /** The same numbers, and what run they are of. */
  accompany(table: LongTable, run: { stem: string; source: string }): void {
    showLongTable(this.#twin, table);
    this.#run = run;
  }

  #file(): FigureFile | null {
    const figure = this.plot.querySelector("svg");
    if (figure === null) return null;
    const { stem, source } = this.#run;
    return { figure, stem: `${stem}-${this.#name}`, title: this.#title, source };
  }
}
