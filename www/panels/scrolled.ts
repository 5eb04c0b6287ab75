// What scrolls by itself where the screen is too narrow or too low for it, and not the page. The keyboard reaches it for that.

import { element } from "../dom.ts";
import { type Headings, showTable, type TableText } from "./table.ts";

/** `kind`: a class of runs.css, "tall", "texts" or "script". */
export function scrolled(name: string, content: Node, kind = ""): HTMLElement {
  const attributes = { role: "region", "aria-label": name, tabindex: "0" };
  return element("div", { class: `scrolled ${kind}`.trim(), ...attributes }, content);
}

export function scrolledTable(
  caption: string,
  text: TableText,
  kind = "",
  headings: Headings = {},
): HTMLElement {
  const table = element("table");
  showTable(table, caption, text, headings);
  return scrolled(caption, table, kind);
}
