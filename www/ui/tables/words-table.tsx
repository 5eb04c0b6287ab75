// A table of cells in words. Where it is wider than its place it scrolls by itself, and then the keyboard gets at it.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Table } from "../../../pkg/cpu/patchbay.js";
import { WithTerms } from "../floating/term.tsx";
import "./words-table.css";

export function WordsTable({ table }: { table: Table }) {
  const { title, header, rows, caption } = table;
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const box = frame.current;
    if (box === null) return;
    const observer = new ResizeObserver(() => setScrolls(box.scrollWidth > box.clientWidth));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  return (
    <div class="words-table">
      <h3 id={id}>{title}</h3>
      <div
        class="scroll sideways"
        ref={frame}
        {...(scrolls && { tabIndex: 0, role: "region", "aria-labelledby": id })}
      >
        <table aria-labelledby={id}>
          <thead>
            <tr>
              {header.map((cell) => (
                <th scope="col">
                  <WithTerms text={cell} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                {row.map((cell, place) =>
                  place === 0 ? (
                    <th scope="row">{cell}</th>
                  ) : (
                    <td class={cell.length < 24 ? "short" : ""}>{cell}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {caption !== "" && <p class="hint">{caption}</p>}
    </div>
  );
}
