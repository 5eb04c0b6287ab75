// The names beside a map's rows and below its columns, and the room that they take.

import { visible } from "../../text/plain-text.ts";
import { type Axis, words } from "../frame/frame.ts";
import { INK } from "./drawing.ts";
import { cut, LINE, widest, widthOf } from "./room.ts";

/** Between a name and the cells. */
const GAP = 6;
/** An axis's name, in a line of its own. */
const TITLE = LINE + 2;
/** The share of the width that row names may take. */
const MOST = 0.35;

export interface MapAxes {
  rows: string[];
  columns: string[];
  titles: { rows: string; columns: string };
  /** To the left of the cells. */
  left: number;
  /** Names that are wider than their cells are written upwards, all but plain numbers: of these some are left out. */
  upright: (cell: number) => boolean;
  bottom: (cell: number) => number;
}

export function mapAxes(rows: Axis, columns: Axis, width: number): MapAxes {
  const rowNames = rows.labels.map((label) => cut(visible(label), width * MOST));
  const columnNames = columns.labels.map((label) => cut(visible(label), 160));
  const numbers = columnNames.every((name) => /^\d*$/.test(name));
  const longest = widest(columnNames);
  const upright = (cell: number) => !numbers && longest > cell - 2;
  return {
    rows: rowNames,
    columns: columnNames,
    titles: { rows: words(rows.name), columns: words(columns.name) },
    left: Math.ceil((rows.name === "" ? 0 : TITLE) + widest(rowNames) + GAP),
    upright,
    bottom: (cell) =>
      Math.ceil((upright(cell) ? longest + GAP + 2 : LINE + 2) + (columns.name === "" ? 0 : TITLE)),
  };
}

/** Beside cells whose upper left corner is at 0, 0. */
export function MapNames({ axes, wide, high }: { axes: MapAxes; wide: number; high: number }) {
  const { rows, columns, titles } = axes;
  const [width, height] = [columns.length * wide, rows.length * high];
  const upright = axes.upright(wide);
  // It may reach below the rows, where few of them are.
  const rowsTitle = cut(titles.rows, height + axes.bottom(wide));
  const every = upright ? 1 : Math.max(1, Math.ceil((widest(columns) + 4) / wide));
  return (
    <>
      <g text-anchor="end">
        {rows.map((name, i) => (
          <text key={i} x={-GAP} y={(i + 0.5) * high + 4}>
            {name}
          </text>
        ))}
        {upright &&
          columns.map((name, i) => (
            <text key={i} transform={`translate(${(i + 0.5) * wide + 4} ${height + GAP}) rotate(-90)`}>
              {name}
            </text>
          ))}
      </g>
      <g text-anchor="middle">
        {!upright &&
          columns.map((name, i) =>
            i % every === 0 ? (
              <text key={i} x={(i + 0.5) * wide} y={height + LINE}>
                {name}
              </text>
            ) : null,
          )}
        <g fill={INK.quiet}>
          <text x={width / 2} y={height + axes.bottom(wide) - 4}>
            {titles.columns}
          </text>
          <text
            transform={`translate(${12 - axes.left} ${Math.max(height, widthOf(rowsTitle)) / 2}) rotate(-90)`}
          >
            {rowsTitle}
          </text>
        </g>
      </g>
    </>
  );
}
