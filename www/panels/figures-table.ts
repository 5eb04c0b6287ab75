// A table that may be long, a page of it at a time: ten thousand rows at once would hold the page up.

import { element } from "../dom.ts";
import { count } from "../format.ts";
import { showTable, type TableText } from "./table.ts";

const PAGE = 50;

export interface LongTable {
  caption: string;
  header: string[];
  count: number;
  row: (i: number) => string[];
}

export function longTable(caption: string, { header, rows }: TableText): LongTable {
  return { caption, header, count: rows.length, row: (i) => rows[i] ?? [] };
}

export function showLongTable(host: HTMLElement, long: LongTable): void {
  const table = element("table");
  const frame = element("div", { class: "scroll", role: "region", "aria-label": long.caption }, table);
  reachable(frame);
  const status = element("span", { class: "hint", role: "status" });
  const before = element("button", { type: "button" }, "Previous");
  const after = element("button", { type: "button" }, "Next");
  let first = 0;
  const show = () => {
    const last = Math.min(first + PAGE, long.count);
    const rows = Array.from({ length: last - first }, (_, i) => long.row(first + i));
    showTable(table, long.caption, { header: long.header, rows });
    status.textContent = `rows ${count(first + 1)} to ${count(last)} of ${count(long.count)}`;
    // Not `disabled`: at the end the button under the keyboard would lose it.
    before.setAttribute("aria-disabled", String(first === 0));
    after.setAttribute("aria-disabled", String(last === long.count));
  };
  const turn = (by: number) => {
    const next = first + by;
    if (next < 0 || next >= long.count) return;
    first = next;
    show();
  };
  before.addEventListener("click", () => turn(-PAGE));
  after.addEventListener("click", () => turn(PAGE));
  show();
  if (long.count <= PAGE) host.replaceChildren(frame);
  else host.replaceChildren(frame, element("div", { class: "pager" }, before, after, status));
}

/** What scrolls by itself can be got at with the keyboard; what does not is no stop for it. */
export function reachable(frame: HTMLElement): void {
  const measured = () => {
    const scrolls = frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight;
    if (scrolls) frame.setAttribute("tabindex", "0");
    else frame.removeAttribute("tabindex");
  };
  new ResizeObserver(measured).observe(frame);
}
