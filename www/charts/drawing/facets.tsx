// Maps beside each other, as many as there is room for, each under its name.

import { LINE, wrapped } from "./room.ts";

const GAP = 20;

export interface Facets {
  /** The upper left corners of the maps. */
  corners: { left: number; top: number }[];
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
