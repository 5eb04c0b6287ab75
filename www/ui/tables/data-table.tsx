// A table of any length in a box of its own that scrolls. Only the rows in view are in the document: a hundred thousand at
// once would hold the page up.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import "./data-table.css";

export interface DataTableProps {
  /** For screen readers. */
  caption: string;
  header: readonly string[];
  /** How many cells of a row name it. */
  heads?: number;
  count: number;
  row: (i: number) => readonly string[];
}

/** Rows that are there beyond those in view, so that there is no gap while it scrolls. */
const SPARE = 12;
const USUAL_HEIGHT = 28;
/** As many are in the document whatever the box's height is. */
const FEW = 40;

export function DataTable({ caption, header, heads = 1, count, row }: DataTableProps) {
  const box = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const [height, setHeight] = useState(USUAL_HEIGHT);
  const [first, setFirst] = useState(0);
  const [overflows, setOverflows] = useState(false);
  useLayoutEffect(() => {
    const own = body.current?.querySelector("tr")?.getBoundingClientRect().height ?? 0;
    if (own > 0 && Math.abs(own - height) > 0.5) setHeight(own);
    const { scrollHeight = 0, clientHeight = 0, scrollWidth = 0, clientWidth = 0 } = box.current ?? {};
    setOverflows(scrollHeight > clientHeight || scrollWidth > clientWidth);
  });
  const from = Math.max(0, Math.min(first, count - FEW) - SPARE);
  const to = Math.min(count, first + FEW + SPARE);
  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  return (
    <div
      class="data-table"
      ref={box}
      // What scrolls by itself can be got at with the keyboard; what does not is no stop for it.
      {...(overflows && { role: "region", "aria-label": caption, tabIndex: 0 })}
      onScroll={({ currentTarget }) => setFirst(Math.floor(currentTarget.scrollTop / height))}
    >
      <div style={{ paddingTop: `${from * height}px`, paddingBottom: `${(count - to) * height}px` }}>
        <table aria-rowcount={count + 1}>
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr aria-rowindex={1}>
              {header.map((cell, i) => (
                <th key={i} scope="col" class={i < heads ? "name" : ""}>
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {rows.map((i) => (
              <tr key={i} aria-rowindex={i + 2}>
                {row(i).map((cell, column) =>
                  column < heads ? (
                    <th key={column} scope="row" class="name">
                      {cell}
                    </th>
                  ) : (
                    <td key={column}>{cell}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
