// A table of cells in words. Where it is wider than its place it scrolls by itself, and then the keyboard gets at it.

import { useId } from "preact/hooks";
import type { Table } from "../../../pkg/cpu/patchbay.js";
import { unbroken } from "../../text/tokens.ts";
import { WithTerms } from "../floating/term.tsx";
import { useScrolls } from "../scrolls.ts";
import "./words-table.css";

export function WordsTable({ table }: { table: Table }) {
  const { title, header, rows, caption } = table;
  const id = useId();
  const { ref, scrolls } = useScrolls<HTMLDivElement>();
  return (
    <div class="words-table">
      <h3 id={id}>{title}</h3>
      <div
        class="scroll sideways"
        ref={ref}
        {...(scrolls && { tabIndex: 0, role: "region", "aria-labelledby": id })}
      >
        <table aria-labelledby={id}>
          <thead>
            <tr>
              {header.map((cell) => (
                <th scope="col">
                  <WithTerms text={unbroken(cell)} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                {row.map((cell, place) =>
                  place === 0 ? (
                    <th scope="row">{unbroken(cell)}</th>
                  ) : (
                    <td class={cell.length < 24 ? "short" : ""}>{unbroken(cell)}</td>
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
