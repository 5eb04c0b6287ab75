// Heat maps: rows by columns, a colour for each value, all maps with one scale. Numbers stand in the cells that they fit in
// and where they say something.

import type { Board, Box, Drawing } from "./drawing.ts";
import { fillOf, INK, range } from "./drawing.ts";
import { columnsFor, FacetTitles, facetsAt, LEGEND_HEIGHT, Legend, legendWidth, roomFor } from "./facets.tsx";
import {
  type Axis,
  at,
  type Column,
  endsOf,
  type Facet,
  type Figure,
  type Frame,
  facetsOf,
  measure,
  named,
  scaleOf,
  valueText,
} from "./frame.ts";
import type { Place } from "./grid.ts";
import { MapNames, mapAxes } from "./map-axes.tsx";
import { formatter } from "./numbers.ts";
import type { Options } from "./options.ts";
import { widthOf } from "./room.ts";

/** In pixels: how wide cells may be, and how high. Rows need no more than their names do. */
export interface CellSizes {
  least: number;
  most: number;
  highest: number;
}

const USUAL: CellSizes = { least: 16, most: 48, highest: 24 };
/** The share of the largest from which on a number is written. */
const SAYS_SOMETHING = 0.05;

/** `limit`: the end of the scale, where it is not the largest value. */
export function heatMap(
  { frame }: Figure,
  { column: name }: Options,
  width: number,
  { sizes = USUAL, limit }: { sizes?: CellSizes; limit?: number | undefined } = {},
): Drawing {
  const [rows, columns] = innerAxes(frame);
  const column = measure(frame, name);
  const scale = { ...scaleOf(column), ...(limit !== undefined && { limit }) };
  const facets = facetsOf(frame, 2);
  const axes = mapAxes(rows, columns, width);
  const count = Math.max(1, columns.labels.length);
  const beside = columnsFor(facets.length, axes.left + count * sizes.least, width);
  const room = Math.floor((roomFor(beside, width) - axes.left) / count);
  const wide = Math.max(sizes.least, Math.min(sizes.most, room));
  const high = Math.max(sizes.least, Math.min(sizes.highest, wide));
  const map = {
    width: axes.left + columns.labels.length * wide,
    height: rows.labels.length * high + axes.bottom(wide),
  };
  const { corners, ...all } = facetsAt(
    facets.map((facet) => facet.name),
    map,
    beside,
    axes.left,
  );
  const maps = corners.map(({ left, top }) => ({ left: left + axes.left, top }));
  const grid = { rows: rows.labels.length, columns: columns.labels.length, wide, high };
  return {
    width: Math.max(all.width, Math.ceil(axes.left + legendWidth(scale, column))),
    height: all.height + LEGEND_HEIGHT,
    picture: (
      <g>
        <FacetTitles titles={all.titles} />
        {facets.map(({ from }, i) => (
          <g key={from} transform={`translate(${maps[i]?.left} ${maps[i]?.top})`}>
            <Cells grid={grid} frame={frame} column={column} from={from} limit={scale.limit} />
            <MapNames axes={axes} wide={wide} high={high} />
          </g>
        ))}
        <Legend scale={scale} column={column} left={axes.left} top={all.height} />
      </g>
    ),
    board: boardOf({ frame, column, rows, columns, facets, grid, maps }),
  };
}

/** The last two axes; a frame that has fewer is one of a row, or of a cell. */
export function innerAxes({ axes }: Frame): [Axis, Axis] {
  const [rows, columns] = axes.slice(-2);
  const none = { name: "", labels: [""] };
  if (rows === undefined) return [none, none];
  return columns === undefined ? [none, rows] : [rows, columns];
}

interface Grid {
  rows: number;
  columns: number;
  wide: number;
  high: number;
}

interface CellsProps {
  grid: Grid;
  frame: Frame;
  column: Column;
  from: number;
  limit: number;
}

/** What has no value is not drawn; what is 0 is an empty box. */
function Cells({ grid: { rows, columns, wide, high }, frame, column, from, limit }: CellsProps) {
  const format = formatter(limit);
  const cells = range(rows * columns).flatMap((i) => {
    const value = at(column, from + i);
    return value === null ? [] : [{ i, value, x: (i % columns) * wide, y: Math.floor(i / columns) * high }];
  });
  const said = cells.filter(({ i }) => saysSomething(frame, column, from + i, limit));
  // All of them or none: one that is left out for its length would seem to be small.
  const told = said.every(({ value }) => widthOf(format(value)) <= wide - 2) ? said : [];
  return (
    <>
      <g stroke={INK.grid}>
        {cells.map(({ i, value, x, y }) => (
          <rect
            key={i}
            x={x + 0.5}
            y={y + 0.5}
            width={wide - 1}
            height={high - 1}
            rx={2}
            {...fillOf(value, limit)}
          />
        ))}
      </g>
      <g text-anchor="middle">
        {told.map(({ i, value, x, y }) => (
          <text key={i} x={x + wide / 2} y={y + high / 2 + 4}>
            {format(value)}
          </text>
        ))}
      </g>
    </>
  );
}

/** A number is worth its place where it is not small beside the others, and its interval, if any, does not span 0. */
function saysSomething(frame: Frame, column: Column, i: number, limit: number): boolean {
  const value = at(column, i);
  if (value === null || limit === 0 || Math.abs(value) < SAYS_SOMETHING * limit) return false;
  const ends = endsOf(frame, column);
  const [low, high] = ends ? [at(ends.low, i), at(ends.high, i)] : [null, null];
  return low === null || high === null || low > 0 || high < 0;
}

interface Maps {
  frame: Frame;
  column: Column;
  rows: Axis;
  columns: Axis;
  facets: readonly Facet[];
  grid: Grid;
  /** The upper left corners of the cells. */
  maps: readonly { left: number; top: number }[];
}

function boardOf({ frame, column, rows, columns, facets, grid, maps }: Maps): Board | null {
  const { wide, high } = grid;
  if (grid.rows * grid.columns === 0) return null;
  return {
    rows: grid.rows,
    columns: grid.columns,
    boxes: (place) =>
      maps.map(
        ({ left, top }): Box => ({
          left: left + place.column * wide,
          top: top + place.row * high,
          width: wide,
          height: high,
        }),
      ),
    under: (x, y) => {
      for (const { left, top } of maps) {
        const place = { row: Math.floor((y - top) / high), column: Math.floor((x - left) / wide) };
        if (isIn(place.row, grid.rows) && isIn(place.column, grid.columns)) return place;
      }
      return null;
    },
    say: ({ row, column: place }: Place) => {
      const where = [
        [rows, row],
        [columns, place],
      ] as const;
      const texts = where.map(([{ name, labels }, i]) => named(name, labels[i] ?? "")).filter(Boolean);
      return `${texts.join(", ")}: ${facetsText(frame, column, facets, row * grid.columns + place)}`;
    },
    places: ({ row, column: place }) => ({ [rows.name]: row, [columns.name]: place }),
  };
}

function isIn(place: number, count: number): boolean {
  return place >= 0 && place < count;
}

/** The same place in all maps. */
export function facetsText(frame: Frame, column: Column, facets: readonly Facet[], i: number): string {
  const texts = facets.map(({ name, from }) =>
    [name, valueText(frame, column, from + i)].filter(Boolean).join(" "),
  );
  // Not commas: names of conditions have some.
  return texts.join(" · ");
}
