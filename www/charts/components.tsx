// The components of a residual stream by layers: what is of no layer in a first row, then a row a layer with its heads and,
// apart from them, what else a layer writes. A map for each part, with one scale.

import { visible } from "../text/plain-text.ts";
import { type Board, type Drawing, fillOf, INK } from "./drawing.ts";
import { columnsFor, FacetTitles, facetsAt, LEGEND_HEIGHT, Legend, legendWidth, roomFor } from "./facets.tsx";
import { at, type Figure, facetsOf, measure, placesOf, scaleOf, words } from "./frame.ts";
import { facetsText } from "./heat-map.tsx";
import { formatter } from "./numbers.ts";
import type { Options } from "./options.ts";
import { LINE, widest, widthOf } from "./room.ts";

const CELL = { least: 17, most: 48, highest: 24 };
/** Between the first row and the layers, and between the heads and what is no head. */
const GAP = 8;
/** A line of names above cells. */
const NAMES = LINE + 3;
const SAYS_SOMETHING = 0.05;

/** Where a component is: of no layer, a head of one, or another part of one. */
export interface Part {
  name: string;
  layer: number | null;
  head: number | null;
  kind: string;
}

export function partOf(name: string): Part {
  const [, layer, head] = /^(\d+)\.(\d+)$/.exec(name) ?? [];
  if (layer !== undefined) return { name, layer: Number(layer), head: Number(head), kind: "" };
  const [, kind, of] = /^(.+)_(\d+)$/.exec(name) ?? [];
  return { name, layer: of === undefined ? null : Number(of), head: null, kind: kind ?? "" };
}

interface Cell {
  /** Its place on the axis. */
  i: number;
  row: number;
  column: number;
}

export function components({ frame }: Figure, { column: name }: Options, width: number): Drawing {
  const axis = frame.axes.at(-1) ?? { name: "", labels: [] };
  const column = measure(frame, name);
  const scale = scaleOf(column);
  const facets = facetsOf(frame, 1);
  const parts = axis.labels.map(partOf);
  const loose = parts.filter(({ layer }) => layer === null);
  const layers = [...new Set(parts.flatMap(({ layer }) => (layer === null ? [] : [layer])))].sort(
    (a, b) => a - b,
  );
  const heads = 1 + Math.max(-1, ...parts.map(({ head }) => head ?? -1));
  const kinds = [
    ...new Set(parts.flatMap(({ layer, head, kind }) => (layer === null || head !== null ? [] : [kind]))),
  ];
  const across = heads + kinds.length;
  const first = loose.length > 0 ? 1 : 0;
  const cells: Cell[] = parts.map(({ layer, head, kind }, i) =>
    layer === null
      ? { i, row: 0, column: loose.findIndex((part) => part.name === axis.labels[i]) }
      : { i, row: first + layers.indexOf(layer), column: head ?? heads + kinds.indexOf(kind) },
  );
  const left = Math.ceil(widest(layers.map((layer) => `L${layer}`))) + 8;
  const least = left + Math.max(across, 1) * CELL.least + GAP;
  const beside = columnsFor(facets.length, least, width);
  const room = (roomFor(beside, width) - left - GAP) / Math.max(1, across);
  const wide = Math.max(CELL.least, Math.min(CELL.most, Math.floor(room)));
  const high = Math.max(CELL.least, Math.min(CELL.highest, wide));
  const gap = heads > 0 && kinds.length > 0 ? GAP : 0;
  /** Names of parts that are no heads are written upwards where they are wider than a cell. */
  const upright = widest(kinds) > wide - 2;
  const names = upright ? Math.ceil(widest(kinds)) + 6 : NAMES;
  const looseWide = Math.ceil(Math.max(wide, widest(loose.map(({ name }) => visible(name))) + 8));
  const layersTop = first * (NAMES + high + GAP) + names;
  const box = ({ row, column }: Omit<Cell, "i">) =>
    row < first
      ? { left: left + column * looseWide, top: NAMES, width: looseWide, height: high }
      : {
          left: left + column * wide + (column < heads ? 0 : gap),
          top: layersTop + (row - first) * high,
          width: wide,
          height: high,
        };
  const map = {
    width: left + Math.max(across * wide + gap, loose.length * looseWide) + 1,
    height: layers.length === 0 ? NAMES + high : layersTop + layers.length * high,
  };
  const { corners, titles, ...size } = facetsAt(
    facets.map((facet) => facet.name),
    map,
    beside,
    left,
  );
  const format = formatter(scale.limit);
  const places = new Map(cells.map((cell) => [`${cell.row} ${cell.column}`, cell]));
  const lengths = [...(first ? [loose.length] : []), ...layers.map(() => across)];
  const board: Board = {
    rows: lengths.length,
    columns: Math.max(...lengths, 0),
    boxes: (place) => {
      const own = box(place);
      return places.has(`${place.row} ${place.column}`)
        ? corners.map((corner) => ({ ...own, left: corner.left + own.left, top: corner.top + own.top }))
        : [];
    },
    under: (x, y) => {
      for (const corner of corners)
        for (const cell of cells) {
          const it = box(cell);
          const [right, down] = [x - corner.left - it.left, y - corner.top - it.top];
          if (right >= 0 && right < it.width && down >= 0 && down < it.height)
            return { row: cell.row, column: cell.column };
        }
      return null;
    },
    nearest: ({ row, column }) => ({ row, column: Math.min(column, (lengths[row] ?? 1) - 1) }),
    say: ({ row, column: place }) => {
      const cell = places.get(`${row} ${place}`);
      return cell === undefined
        ? "nothing"
        : `${visible(axis.labels[cell.i] ?? "")}: ${facetsText(frame, column, facets, cell.i)}`;
    },
    places: ({ row, column: place }) => {
      const cell = places.get(`${row} ${place}`);
      return cell === undefined ? null : placesOf(axis.name, axis.labels, cell.i);
    },
  };
  return {
    width: Math.max(size.width, Math.ceil(left + legendWidth(scale, column))),
    height: size.height + LEGEND_HEIGHT,
    picture: (
      <g>
        <FacetTitles titles={titles} />
        {facets.map(({ from }, facet) => (
          <g key={from} transform={`translate(${corners[facet]?.left} ${corners[facet]?.top})`}>
            {cells.map((cell) => {
              const value = at(column, from + cell.i);
              if (value === null) return null;
              const { left: x, top: y, width: w, height: h } = box(cell);
              const text = format(value);
              const told =
                Math.abs(value) >= SAYS_SOMETHING * scale.limit && scale.limit > 0 && widthOf(text) <= w - 2;
              return (
                <g key={cell.i}>
                  <rect
                    x={x + 0.5}
                    y={y + 0.5}
                    width={w - 1}
                    height={h - 1}
                    rx={2}
                    stroke={INK.grid}
                    {...fillOf(value, scale.limit)}
                  />
                  {told && (
                    <text x={x + w / 2} y={y + h / 2 + 4} text-anchor="middle">
                      {text}
                    </text>
                  )}
                </g>
              );
            })}
            <g text-anchor="middle" fill={INK.quiet}>
              {loose.map(({ name }, i) => (
                <text key={name} x={left + (i + 0.5) * looseWide} y={NAMES - 5}>
                  {visible(name)}
                </text>
              ))}
              {layers.length > 0 &&
                Array.from({ length: heads }, (_, head) => (
                  <text key={head} x={left + (head + 0.5) * wide} y={layersTop - 5}>
                    {head}
                  </text>
                ))}
            </g>
            <g fill={INK.quiet} text-anchor={upright ? "start" : "middle"}>
              {kinds.map((kind, i) => {
                const x = left + (heads + i + 0.5) * wide + gap;
                return upright ? (
                  <text key={kind} transform={`translate(${x + 4} ${layersTop - 5}) rotate(-90)`}>
                    {words(kind).replaceAll(" ", "_")}
                  </text>
                ) : (
                  <text key={kind} x={x} y={layersTop - 5}>
                    {words(kind).replaceAll(" ", "_")}
                  </text>
                );
              })}
            </g>
            <g text-anchor="end" fill={INK.quiet}>
              {layers.map((layer, i) => (
                <text key={layer} x={left - 6} y={layersTop + (i + 0.5) * high + 4}>
                  {`L${layer}`}
                </text>
              ))}
            </g>
          </g>
        ))}
        <Legend scale={scale} column={column} left={left} top={size.height} />
      </g>
    ),
    board: cells.length === 0 ? null : board,
  };
}
