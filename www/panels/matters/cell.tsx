// The open cell: its means with their intervals, and every prompt's value.

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { PatchResult, Report } from "../../../pkg/cpu/patchbay.js";
import { at, countOf, endsOf, type Frame, innerAxes, measures, words } from "../../charts/frame/frame.ts";
import { drawnWith, setDrawn } from "../../store/link/drawn.ts";
import { chooseHead, head } from "../../store/session.ts";
import type { Answer } from "../../store/tasks/task.ts";
import { small, together } from "../../text/format.ts";
import { USUAL } from "../../text/options.ts";
import { WordsTable } from "../../ui/tables/words-table.tsx";
import { ReportFigure } from "../report.tsx";
import { patch } from "./asked.ts";
import {
  type Cell,
  cellNamed,
  cellOf,
  heading,
  indices,
  isOfHeads,
  nameOf,
  placesIn,
  promptsFigure,
} from "./cells.ts";

export const mapOf = (report: Report | null | undefined): Frame | null =>
  report?.figures.find(({ name }) => name === "map")?.frame ?? null;

/** Of heads the one that is chosen on the page; else the one that was opened, or the first of the rank. */
export function openCell(report: Report): Cell | null {
  const frame = mapOf(report);
  if (frame === null) return null;
  if (isOfHeads(frame)) {
    const [layer, index] = head.value ?? [];
    return cellOf(frame, `${layer} ${index}`);
  }
  const largest = report.figures.find(({ name }) => name === "largest")?.frame.axes[0]?.labels[0];
  return cellOf(frame, drawnWith(patch.name, "map").kept ?? "") ?? cellNamed(frame, largest ?? "");
}

export function open(frame: Frame, { row, column }: Cell): void {
  if (isOfHeads(frame)) chooseHead(row, column);
  else setDrawn(patch.name, "map", { kept: `${row} ${column}` }, USUAL);
}

interface CellProps {
  answer: Answer<PatchResult>;
  report: Report;
  frame: Frame;
  cell: Cell;
  /** Beside its numbers. */
  children: ComponentChildren;
}

export function CellView({ answer, report, frame, cell, children }: CellProps) {
  const { result } = answer.reply;
  const { row, column } = cell;
  const figure = useMemo(() => promptsFigure(result, frame, cell), [result, frame, row, column]);
  const name = nameOf(frame.axes, placesIn(frame, cell));
  return (
    <section class="cell" aria-label={heading(frame, name)}>
      <div>
        <Numbers frame={frame} cell={cell} title={heading(frame, name)} />
        {children}
      </div>
      {figure !== null && (
        <ReportFigure
          task={patch}
          question="matters"
          report={report}
          figure={figure}
          part={name.replaceAll(/\W+/g, "-")}
        />
      )}
    </section>
  );
}

/** What the map says of it, all of it at once. */
function Numbers({ frame, cell, title }: { frame: Frame; cell: Cell; title: string }) {
  const [, columns] = innerAxes(frame);
  const places = indices(frame, cell).filter(({ index }) =>
    measures(frame).some((column) => at(column, index) !== null),
  );
  const counts = countOf(frame);
  const rows = places.flatMap(({ facet, index }) =>
    measures(frame).map((column) => {
      const [value, ends] = [at(column, index), endsOf(frame, column)];
      const [low, high] = [ends && at(ends.low, index), ends && at(ends.high, index)];
      const said = value === null || low === null || high === null ? null : together([value, low, high]);
      const unit = column.unit === "" ? "" : `, ${column.unit}`;
      return [
        [facet.name, `${words(column.name)}${unit}`].filter(Boolean).join(": "),
        said?.[0] ?? (value === null ? "–" : small(value)),
        said === null ? "–" : `[${said[1]}, ${said[2]}]`,
      ];
    }),
  );
  const count = counts === null || places[0] === undefined ? null : at(counts, places[0].index);
  return (
    <WordsTable
      key={`${columns.name} ${cell.row} ${cell.column}`}
      table={{
        name: "cell",
        title,
        header: ["", "mean", "95% CI"],
        rows,
        caption: count === null ? "No prompt has this place." : `Of ${count} prompts.`,
      }}
    />
  );
}
