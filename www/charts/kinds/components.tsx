// The components of a residual stream by layers: what is of no layer in a first row, then a row a layer with its heads and,
// apart from them, what else a layer writes. A map for each part, with one scale.

import type { Options } from "../../text/options.ts";
import { visible } from "../../text/plain-text.ts";
import { Cells } from "../drawing/cells.tsx";
import { type Board, type Box, type Drawing, INK, isIn, range } from "../drawing/drawing.ts";
import { columnsFor, FacetTitles, facetsAt, roomFor } from "../drawing/facets.tsx";
import { legendOf } from "../drawing/legend.tsx";
import { LINE, widest } from "../drawing/room.ts";
import { type Figure, facetsOf, measure, placesOf, scaleOf } from "../frame/frame.ts";
import { type Layers, layersOf } from "../frame/layers.ts";
import { facetsText } from "../frame/said.ts";

const CELL = { least: 17, most: 48, highest: 24 };
/** Between the first row and the layers, and between the heads and what is no head. */
const GAP = 8;
/** A line of names above cells. */
const NAMES = LINE + 3;

export function components({ frame }: Figure, { column: name }: Options, width: number): Drawing {
  const axis = frame.axes.at(-1) ?? { name: "", labels: [] };
  const column = measure(frame, name);
  const scale = scaleOf(column);
  const facets = facetsOf(frame, 1);
  const layers = layersOf(axis.labels);
  const across = Math.max(1, layers.heads + layers.kinds.length);
  const left = Math.ceil(widest(layers.layers.map((layer) => `L${layer}`))) + 8;
  const beside = columnsFor(facets.length, left + GAP + across * CELL.least, width);
  const room = Math.floor((roomFor(beside, width) - left - GAP) / across);
  const map = mapOf(layers, left, Math.max(CELL.least, Math.min(CELL.most, room)));
  const names = facets.map((facet) => facet.name);
  const { corners, titles, ...all } = facetsAt(names, map, beside, left);
  const legend = legendOf(scale, column, Math.max(width, all.width) - left);
  return {
    width: Math.max(all.width, left + legend.width),
    height: all.height + legend.height,
    picture: (
      <g>
        <FacetTitles titles={titles} />
        {facets.map(({ from }, i) => (
          <g key={from} transform={`translate(${corners[i]?.left} ${corners[i]?.top})`}>
            <Cells frame={frame} column={column} from={from} boxes={map.boxes} limit={scale.limit} />
            <Names map={map} layers={layers} />
          </g>
        ))}
        {legend.at(left, all.height)}
      </g>
    ),
    board:
      axis.labels.length === 0
        ? null
        : boardOf(layers, map.boxes, corners, {
            say: (i) => `${visible(axis.labels[i] ?? "")}: ${facetsText(frame, column, facets, i)}`,
            places: (i) => placesOf(axis.name, axis.labels, i),
          }),
  };
}

interface LayerMap {
  width: number;
  height: number;
  left: number;
  /** Of a cell in a layer, and in the first row. */
  wide: number;
  high: number;
  looseWide: number;
  layersTop: number;
  /** Names of parts that are wider than a cell are written upwards. */
  upright: boolean;
  /** Between the heads and what is no head. */
  gap: number;
  /** Of each component. */
  boxes: Box[];
}

function mapOf({ loose, layers, heads, kinds, places }: Layers, left: number, wide: number): LayerMap {
  const high = Math.min(CELL.highest, wide);
  const gap = heads > 0 && kinds.length > 0 ? GAP : 0;
  const upright = widest(kinds) > wide - 2;
  const looseWide = Math.ceil(Math.max(wide, widest(loose.map(visible)) + 8));
  const first = loose.length > 0 ? 1 : 0;
  const layersTop = first * (NAMES + high + GAP) + (upright ? Math.ceil(widest(kinds)) + 8 : NAMES);
  return {
    left,
    wide,
    high,
    looseWide,
    layersTop,
    upright,
    gap,
    width: left + Math.max((heads + kinds.length) * wide + gap, loose.length * looseWide),
    height: layers.length === 0 ? NAMES + high : layersTop + layers.length * high,
    boxes: places.map(({ row, column }) =>
      row < first
        ? { left: left + column * looseWide, top: NAMES, width: looseWide, height: high }
        : {
            left: left + column * wide + (column < heads ? 0 : gap),
            top: layersTop + (row - first) * high,
            width: wide,
            height: high,
          },
    ),
  };
}

function Names({ map, layers: { loose, layers, heads, kinds } }: { map: LayerMap; layers: Layers }) {
  const { left, wide, high, looseWide, layersTop, upright, gap } = map;
  const above = layersTop - 5;
  return (
    <g fill={INK.quiet} text-anchor="middle">
      {loose.map((name, i) => (
        <text key={name} x={left + (i + 0.5) * looseWide} y={NAMES - 5}>
          {visible(name)}
        </text>
      ))}
      {range(layers.length > 0 ? heads : 0).map((head) => (
        <text key={head} x={left + (head + 0.5) * wide} y={above}>
          {head}
        </text>
      ))}
      {kinds.map((kind, i) => {
        const x = left + gap + (heads + i + 0.5) * wide;
        const at = upright ? `translate(${x + 4} ${above}) rotate(-90)` : `translate(${x} ${above})`;
        return (
          <text key={kind} transform={at} text-anchor={upright ? "start" : "middle"}>
            {visible(kind)}
          </text>
        );
      })}
      {layers.map((layer, i) => (
        <text key={layer} x={left - 6} y={layersTop + (i + 0.5) * high + 4} text-anchor="end">
          {`L${layer}`}
        </text>
      ))}
    </g>
  );
}

interface Said {
  say: (i: number) => string;
  places: (i: number) => ReturnType<Board["places"]>;
}

function boardOf(
  { places }: Layers,
  boxes: readonly Box[],
  corners: readonly { left: number; top: number }[],
  said: Said,
): Board {
  const index = ({ row, column }: { row: number; column: number }) =>
    places.findIndex((place) => place.row === row && place.column === column);
  return {
    rows: 1 + Math.max(...places.map(({ row }) => row)),
    columns: 1 + Math.max(...places.map(({ column }) => column)),
    boxes: (place) => {
      const own = boxes[index(place)];
      return own
        ? corners.map(({ left, top }) => ({ ...own, left: left + own.left, top: top + own.top }))
        : [];
    },
    under: (x, y) => {
      for (const { left, top } of corners) {
        const found = places[boxes.findIndex((box) => isIn(box, x - left, y - top))];
        if (found) return found;
      }
      return null;
    },
    // Rows are of different lengths, and a layer may have no part of some kind.
    nearest: ({ row, column }) => {
      const own = places.filter((place) => place.row === row);
      return own.reduce(
        (best, it) => (Math.abs(it.column - column) < Math.abs(best.column - column) ? it : best),
        own[0] ?? { row, column },
      );
    },
    say: (place) => said.say(index(place)),
    places: (place) => {
      const i = index(place);
      return i < 0 ? null : said.places(i);
    },
  };
}
