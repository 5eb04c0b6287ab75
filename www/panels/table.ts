// The table of means, as the notebook prints it: what its cells say (tested), and the table itself.

import { element } from "../dom.ts";
import { changePercent, percent, score } from "../format.ts";
import type { PageResult } from "../result.ts";
import { mean } from "../statistics.ts";

export interface TableText {
  header: string[];
  rows: string[][];
}

export function tableText(result: PageResult, notebook: Record<string, number> | null): TableText {
  const clean = result.conditions.clean?.mean_diff ?? 0;
  const header = ["condition", "mean attn score diff", "END→IO", "END→S1", "change"];
  const rows = Object.entries(result.conditions).map(([name, { mean_diff, io_score, s1_score }]) => {
    const change = name === "clean" ? null : changePercent(mean_diff, clean);
    return [name, score(mean_diff), score(mean(io_score)), score(mean(s1_score)), percent(change)];
  });
  if (notebook === null) return { header, rows };
  const besides = rows.map((cells) => {
    const figure = notebook[cells[0] ?? ""];
    return cells.toSpliced(2, 0, figure === undefined ? "–" : score(figure));
  });
  return { header: header.toSpliced(2, 0, "notebook"), rows: besides };
}

/** How the texts of headings become what is shown: with terms explained, for instance. */
export interface Headings {
  column?: (text: string) => (Node | string)[];
  row?: (text: string) => (Node | string)[];
}

const plain = (text: string) => [text];

/** Fills a table whose first column names its rows. `caption` is for screen readers. */
export function showTable(
  table: HTMLTableElement,
  caption: string,
  text: TableText,
  { column = plain, row = plain }: Headings = {},
): void {
  const head = element(
    "tr",
    {},
    ...text.header.map((cell) => element("th", { scope: "col" }, ...column(cell))),
  );
  const body = text.rows.map(([name = "", ...cells]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, ...row(name)),
      ...cells.map((cell) => element("td", {}, cell)),
    ),
  );
  table.replaceChildren(
    element("caption", { class: "visually-hidden" }, caption),
    element("thead", {}, head),
    element("tbody", {}, ...body),
  );
}
