// Heat maps: rows by columns, a colour for each value, all maps with one scale.

import type { Options } from "../../text/options.ts";
import { Cells } from "../drawing/cells.tsx";
import { type Board, type Drawing, range } from "../drawing/drawing.ts";
import { columnsFor, FacetTitles, facetsAt, roomFor } from "../drawing/facets.tsx";
import { legendOf } from "../drawing/legend.tsx";
import { MapNames, mapAxes } from "../drawing/map-axes.tsx";
import {
  type Axis,
  type Column,
  type Facet,
  type Figure,
  type Frame,
  facetsOf,
  innerAxes,
  measure,
  named,
  scaleOf,
} from "../frame/frame.ts";
import { facetsText } from "../frame/said.ts";

/** In pixels: how wide cells may be, and how high. Rows need no more than their names do. */
export interface CellSizes {
  least: number;
  most: number;
  highest: number;
}

const USUAL: CellSizes = { least: 16, most: 48, highest: 24 };

interface MapOptions {
  sizes?: CellSizes;
  /** The end of the scale, where it is not the largest value. */
  limit?: number | undefined;
}

export function heatMap(
  { frame }: Figure,
  options: Options,
  width: number,
  { sizes = USUAL, limit }: MapOptions = {},
): Drawing {
  const [rows, columns] = innerAxes(frame);
  const column = measure(frame, options.column);
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
  const names = facets.map((facet) => facet.name);
  const { corners, titles, ...all } = facetsAt(names, map, beside, axes.left);
  const maps = corners.map(({ left, top }) => ({ left: left + axes.left, top }));
  const boxes = range(rows.labels.length * columns.labels.length).map((i) => ({
    left: (i % count) * wide,
    top: Math.floor(i / count) * high,
    width: wide,
    height: high,
  }));
  const legend = legendOf(scale, column, Math.max(width, all.width) - axes.left);
  return {
    width: Math.max(all.width, axes.left + legend.width),
    height: all.height + legend.height,
    picture: (
      <g>
        <FacetTitles titles={titles} />
        {facets.map(({ from }, i) => (
          <g key={from} transform={`translate(${maps[i]?.left} ${maps[i]?.top})`}>
            <Cells frame={frame} column={column} from={from} boxes={boxes} limit={scale.limit} />
            <MapNames axes={axes} wide={wide} high={high} />
          </g>
        ))}
        {legend.at(axes.left, all.height)}
      </g>
    ),
    board: boxes.length === 0 ? null : boardOf({ frame, column, rows, columns, facets, maps, wide, high }),
  };
}

interface Maps {
  frame: Frame;
  column: Column;
  rows: Axis;
  columns: Axis;
  facets: readonly Facet[];
  /** The upper left corners of the cells, and a cell's size. */
  maps: readonly { left: number; top: number }[];
  wide: number;
  high: number;
}

function boardOf({ frame, column, rows, columns, facets, maps, wide, high }: Maps): Board {
  const size = { rows: rows.labels.length, columns: columns.labels.length };
  return {
    ...size,
    boxes: (place) =>
      maps.map(({ left, top }) => ({
        left: left + place.column * wide,
        top: top + place.row * high,
        width: wide,
        height: high,
      })),
    under: (x, y) => {
      for (const { left, top } of maps) {
        const [row, column] = [Math.floor((y - top) / high), Math.floor((x - left) / wide)];
        if (row >= 0 && row < size.rows && column >= 0 && column < size.columns) return { row, column };
      }
      return null;
    },
    say: ({ row, column: place }) => {
      const names = [
        named(rows.name, rows.labels[row] ?? ""),
        named(columns.name, columns.labels[place] ?? ""),
      ];
      return `${names.filter(Boolean).join(", ")}: ${facetsText(frame, column, facets, row * size.columns + place)}`;
    },
    places: ({ row, column: place }) => ({
      ...(rows.name !== "" && { [rows.name]: row }),
      [columns.name]: place,
    }),
  };
}
