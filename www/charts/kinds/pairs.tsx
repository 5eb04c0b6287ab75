// Planes of pairs, query by key, as a picture for a file: there may be a hundred thousand, so each strength of colour is one
// path.

import type { Options } from "../../text/options.ts";
import { type Board, type Drawing, fillOf, INK, stepOf } from "../drawing/drawing.ts";
import { columnsFor, FacetTitles, facetsAt } from "../drawing/facets.tsx";
import { legendOf } from "../drawing/legend.tsx";
import {
  type Axis,
  at,
  type Column,
  type Facet,
  type Figure,
  facetsOf,
  innerAxes,
  measure,
  named,
  scaleOf,
} from "../frame/frame.ts";
import { facetsText } from "../frame/said.ts";
import { MARGIN, PairNames, PairTitles, ROOMY } from "./pair-axes.tsx";

const FAINT = 0.2;
/** Of a plane, roughly. */
const SIDE = 360;

export interface Planes {
  rows: Axis;
  columns: Axis;
  column: Column;
  facets: Facet[];
  scale: { limit: number; signed: boolean };
  /** From 0 to 1, how strong the colour of a value is. */
  strength: (value: number) => number;
  /** On the screen each plane knows by itself where it has a place. */
  board: Board;
}

export function planesOf({ frame }: Figure, { column: name, threshold }: Options): Planes {
  const [rows, columns] = innerAxes(frame);
  const column = measure(frame, name);
  const scale = scaleOf(column);
  const facets = facetsOf(frame, 2);
  return {
    rows,
    columns,
    column,
    facets,
    scale,
    strength: (value) => {
      const strength = scale.limit === 0 ? 0 : Math.min(1, Math.abs(value) / scale.limit);
      return strength < Number(threshold) / 100 ? strength * FAINT : strength;
    },
    board: {
      rows: rows.labels.length,
      columns: columns.labels.length,
      boxes: () => [],
      under: () => null,
      say: ({ row, column: place }) => {
        const names = [
          `query ${named("", rows.labels[row] ?? "")}`,
          `key ${named("", columns.labels[place] ?? "")}`,
        ];
        return `${names.join(", ")}: ${facetsText(frame, column, facets, row * columns.labels.length + place)}`;
      },
      places: ({ row, column: place }) => ({ [rows.name]: row, [columns.name]: place }),
    },
  };
}

export function pairs(figure: Figure, options: Options, width: number): Drawing {
  const planes = planesOf(figure, options);
  const { rows, columns, column, facets, scale } = planes;
  const count = Math.max(1, rows.labels.length, columns.labels.length);
  const cell = count * ROOMY <= SIDE ? ROOMY : Math.max(2, Math.floor(SIDE / count));
  const [wide, high] = [columns.labels.length * cell, rows.labels.length * cell];
  const map = { width: MARGIN + wide, height: MARGIN + high };
  const names = facets.map(({ name }) => name);
  // Beside each other even where the file gets wider by it: planes are there to be compared.
  const beside = Math.min(names.length, Math.max(2, columnsFor(names.length, map.width, width)));
  const { corners, titles, ...size } = facetsAt(names, map, beside, MARGIN);
  const legend = legendOf(scale, column, Math.max(width, size.width) - MARGIN);
  return {
    width: Math.max(size.width, MARGIN + legend.width),
    height: size.height + legend.height,
    picture: (
      <g>
        <FacetTitles titles={titles} />
        {corners.map(({ left, top }, i) => (
          <g key={facets[i]?.from} transform={`translate(${left + MARGIN} ${top + MARGIN})`}>
            <PairTitles rows={rows.name} columns={columns.name} />
            <PairNames side="top" components={columns.labels} cell={cell} />
            <PairNames side="left" components={rows.labels} cell={cell} />
            <Cells planes={planes} from={facets[i]?.from ?? 0} cell={cell} />
            <rect width={wide} height={high} fill="none" stroke={INK.grid} />
          </g>
        ))}
        {legend.at(MARGIN, size.height)}
      </g>
    ),
    board: null,
  };
}

interface CellsProps {
  planes: Pick<Planes, "rows" | "columns" | "column" | "strength">;
  from: number;
  cell: number;
}

/** A plane's cells, neighbours of one strength as one piece. */
export function Cells({ planes, from, cell }: CellsProps) {
  const { rows, columns, column, strength } = planes;
  const width = columns.labels.length;
  const paths = new Map<number, string[]>();
  const stepAt = (i: number) => {
    const value = at(column, from + i) ?? 0;
    return stepOf(strength(value) * Math.sign(value), 1);
  };
  for (let row = 0; row < rows.labels.length; row += 1)
    for (let begin = 0; begin < width; ) {
      const step = stepAt(row * width + begin);
      let end = begin + 1;
      while (end < width && stepAt(row * width + end) === step) end += 1;
      if (step !== 0) {
        const found = paths.get(step) ?? [];
        paths.set(step, found);
        found.push(
          `M${begin * cell} ${row * cell}h${(end - begin) * cell}v${cell}h-${(end - begin) * cell}z`,
        );
      }
      begin = end;
    }
  return (
    <>
      {[...paths].map(([step, parts]) => (
        <path key={step} d={parts.join("")} {...fillOf(step, 1)} />
      ))}
    </>
  );
}
