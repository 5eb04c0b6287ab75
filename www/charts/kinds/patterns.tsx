// The attention of every head: a small map for each, query by key, in a row for each layer.

import type { ComponentChildren } from "preact";
import { small } from "../../text/format.ts";
import type { Options } from "../../text/options.ts";
import { visible } from "../../text/plain-text.ts";
import { type Board, type Drawing, INK, range } from "../drawing/drawing.ts";
import { legendOf } from "../drawing/legend.tsx";
import { MapNames, mapAxes } from "../drawing/map-axes.tsx";
import { type Axis, at, type Column, type Figure, measure } from "../frame/frame.ts";
import { rolesOf, withRole } from "./attention.tsx";
import { Cells } from "./pairs.tsx";

/** Between heads, of which some have little room. */
const GAP = 4;
const NARROW = { room: 40, gap: 2 };
/** For the line around the first heads. */
export const TOP = 1;
/** Of a head's map: more would show no more. */
const MOST = 132;

export interface Patterns {
  layers: Axis;
  heads: Axis;
  queries: Axis;
  keys: Axis;
  column: Column;
  /** Of a query and a key, in pixels; of a long text less than one. */
  cell: number;
  /** A head's map, and from its corner to the next one's. */
  side: { width: number; height: number };
  step: { across: number; down: number };
  /** Of the first. */
  left: number;
  /** Where a head's cells begin in the column. */
  from: (layer: number, head: number) => number;
  /** From 0 to 1. */
  strength: (value: number) => number;
}

export function patternsOf({ frame }: Figure, { column }: Options, width: number): Patterns {
  const none: Axis = { name: "", labels: [""] };
  const [layers = none, heads = none, queries = none, keys = none] = [
    ...Array.from({ length: Math.max(0, 4 - frame.axes.length) }, () => none),
    ...frame.axes.slice(-4),
  ];
  const { left } = mapAxes(layers, heads, width);
  const tokens = Math.max(1, queries.labels.length, keys.labels.length);
  const room = (width - left) / Math.max(1, heads.labels.length);
  const gap = room < NARROW.room ? NARROW.gap : GAP;
  const fits = Math.max(4, Math.min(MOST, room - gap)) / tokens;
  // Cells of one size, as long as that leaves enough of them.
  const cell = fits >= 2 ? Math.floor(fits) : fits;
  const side = { width: keys.labels.length * cell, height: queries.labels.length * cell };
  const size = queries.labels.length * keys.labels.length;
  return {
    layers,
    heads,
    queries,
    keys,
    column: measure(frame, column),
    cell,
    side,
    step: { across: side.width + gap, down: side.height + gap },
    left,
    from: (layer, head) => (layer * heads.labels.length + head) * size,
    strength: (value) => Math.max(-1, Math.min(1, value)),
  };
}

/** As a picture for a file; on the screen what `cells` would draw is a canvas. */
export function patterns(figure: Figure, options: Options, width: number): Drawing {
  const found = patternsOf(figure, options, width);
  const { layers, heads, queries, keys, column, cell, step, from, strength } = found;
  const planes = {
    rows: queries,
    columns: keys,
    column,
    strength: (value: number) => Math.abs(strength(value)),
  };
  const cells = range(layers.labels.length).flatMap((layer) =>
    range(heads.labels.length).map((head) => (
      <g key={`${layer} ${head}`} transform={`translate(${head * step.across} ${layer * step.down})`}>
        <Cells planes={planes} from={from(layer, head)} cell={cell} />
      </g>
    )),
  );
  return framed(figure, found, width, cells);
}

/** With names, a frame around each head, and what can be pointed at. */
export function framed(figure: Figure, found: Patterns, width: number, cells: ComponentChildren): Drawing {
  const { layers, heads, column, side, left } = found;
  const { across, down } = found.step;
  const axes = mapAxes(layers, heads, width);
  const [wide, high] = [heads.labels.length * across, layers.labels.length * down];
  const top = TOP + high + axes.bottom(across);
  const legend = legendOf({ limit: 1, signed: false }, column, Math.max(width, left + wide) - left);
  const frames = range(layers.labels.length).flatMap((layer) =>
    range(heads.labels.length).map(
      (head) =>
        `M${head * across - 0.5} ${layer * down - 0.5}h${side.width + 1}v${side.height + 1}h${-side.width - 1}z`,
    ),
  );
  const board: Board = {
    rows: layers.labels.length,
    columns: heads.labels.length,
    boxes: ({ row, column }) => [{ left: left + column * across, top: TOP + row * down, ...side }],
    under: (x, y) => {
      const [row, column] = [Math.floor((y - TOP) / down), Math.floor((x - left) / across)];
      const isThere = row >= 0 && row < layers.labels.length && column >= 0 && column < heads.labels.length;
      return isThere ? { row, column } : null;
    },
    say: ({ row, column }) => sayOf(figure, found, row, column),
    places: ({ row, column }) => ({ [layers.name]: row, [heads.name]: column }),
  };
  return {
    width: Math.max(width, left + wide, left + legend.width),
    height: top + legend.height,
    picture: (
      <g>
        <g transform={`translate(${left} ${TOP})`}>
          {cells}
          <path d={frames.join("")} fill="none" stroke={INK.grid} />
          <MapNames axes={axes} wide={across} high={down} />
        </g>
        {legend.at(left, top)}
      </g>
    ),
    board: board.rows * board.columns === 0 ? null : board,
  };
}

/** "head 9.9: 14 to (END) attends most to 2 Mary (IO), 0.62" */
function sayOf(figure: Figure, found: Patterns, layer: number, head: number): string {
  const { layers, heads, queries, keys, column, from } = found;
  const name = visible(`head ${layers.labels[layer] ?? ""}.${heads.labels[head] ?? ""}`);
  const role = rolesOf(figure);
  const token = (axis: Axis, place: number) => withRole(axis.labels[place] ?? "", role(place));
  const last = queries.labels.length - 1;
  const begin = from(layer, head) + last * keys.labels.length;
  const most = range(keys.labels.length).reduce<number | null>((most, key) => {
    const value = at(column, begin + key);
    return value !== null && (most === null || value > (at(column, begin + most) ?? 0)) ? key : most;
  }, null);
  if (most === null) return name;
  const share = small(at(column, begin + most) ?? 0);
  return `${name}: ${token(queries, last)} attends most to ${token(keys, most)}, ${share}`;
}
