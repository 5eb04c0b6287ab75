// Maps beside each other, as many as there is room for, each under its name; and the scale that they share.

import { fillOf, INK, range } from "./drawing.ts";
import { type Column, titleOf } from "./frame.ts";
import { formatter } from "./numbers.ts";
import { LINE, widest, widthOf, wrapped } from "./room.ts";

const GAP = 20;

export interface Facets {
  /** The upper left corners of the maps. */
  corners: { left: number; top: number }[];
  /** Of one map. */
  room: number;
  width: number;
  height: number;
  titles: { left: number; top: number; lines: string[] }[];
}

/** How many maps of at least this width go beside each other, without leaving one alone in a row. */
export function columnsFor(maps: number, least: number, width: number): number {
  const most = Math.max(1, Math.min(maps, Math.floor((width + GAP) / (least + GAP))));
  return Math.ceil(maps / Math.ceil(maps / most));
}

/** What there is for each of so many columns. */
export function roomFor(columns: number, width: number): number {
  return Math.floor((width - GAP * (columns - 1)) / columns);
}

/** `map`: the size of each; `indent`: where its name begins. */
export function facetsAt(
  names: readonly string[],
  map: { width: number; height: number },
  columns: number,
  indent = 0,
): Facets {
  const bold = { bold: true };
  const lines = names.map((name) => wrapped(name, map.width - indent, bold));
  const most = Math.max(0, ...lines.map(({ length }) => length));
  const above = most === 0 ? 0 : most * LINE + 4;
  const corners = names.map((_, i) => ({
    left: (i % columns) * (map.width + GAP),
    top: Math.floor(i / columns) * (above + map.height + GAP) + above,
  }));
  return {
    corners,
    room: map.width,
    width: columns * (map.width + GAP) - GAP,
    height: Math.ceil(names.length / columns) * (above + map.height + GAP) - GAP,
    titles: lines.map((own, i) => {
      const { left = 0, top = 0 } = corners[i] ?? {};
      // Next to the map, where another has more lines.
      return { left: left + indent, top: top - 4 - own.length * LINE, lines: own };
    }),
  };
}

export function FacetTitles({ titles }: Pick<Facets, "titles">) {
  return (
    <g font-weight="600">
      {titles.flatMap(({ left, top, lines }) =>
        lines.map((line, i) => (
          <text key={`${left} ${top} ${i}`} x={left} y={top + 12 + i * LINE}>
            {line}
          </text>
        )),
      )}
    </g>
  );
}

const STEPS = 24;
const STEP = 5;
export const LEGEND_HEIGHT = 30;

interface Scale {
  limit: number;
  signed: boolean;
}

function legendTexts({ limit, signed }: Scale, column: Column) {
  const format = formatter(limit);
  if (limit === 0) return { from: "", to: "0", title: `${titleOf(column)}: every value is 0` };
  return { from: signed ? format(-limit) : "0", to: format(limit), title: titleOf(column) };
}

export function legendWidth(scale: Scale, column: Column): number {
  const { from, to, title } = legendTexts(scale, column);
  return widthOf(from) + widest([to]) + (STEPS + 1) * STEP + 24 + widthOf(title);
}

/** The scale, in steps that need no gradient. What it measures stands beside it, or below where there is no room. */
export function Legend({
  scale,
  column,
  left,
  top,
}: {
  scale: Scale;
  column: Column;
  left: number;
  top: number;
}) {
  const { from, to, title } = legendTexts(scale, column);
  const { limit, signed } = scale;
  const begin = left + widthOf(from) + 4;
  const end = begin + (STEPS + 1) * STEP;
  const first = signed ? -limit : 0;
  return (
    <g fill={INK.quiet}>
      <text x={begin - 4} y={top + 20} text-anchor="end">
        {from}
      </text>
      <g stroke="none">
        {range(STEPS + 1).map((i) => (
          <rect
            key={i}
            x={begin + i * STEP}
            y={top + 11}
            width={STEP}
            height={10}
            {...fillOf(first + ((limit - first) * i) / STEPS, limit)}
          />
        ))}
      </g>
      <rect x={begin} y={top + 11} width={end - begin} height={10} fill="none" stroke={INK.grid} />
      <text x={end + 4} y={top + 20}>
        {to}
      </text>
      <text x={end + 14 + widthOf(to)} y={top + 20}>
        {title}
      </text>
    </g>
  );
}
