// Where everything of a circuit's drawing stands: layers upwards, positions beside each other.

import { type Box, range } from "../../drawing/drawing.ts";
import { LINE, widest } from "../../drawing/room.ts";
import type { Node } from "./read.ts";

export const HIGH = 28;
/** Between layers, for the lines. */
export const RISE = 38;
/** Between nodes, and between positions. */
const GAP = { node: 6, column: 20 };
const NAME = { least: 40, most: 120 };

export interface Plan {
  width: number;
  height: number;
  /** One for each node. */
  boxes: Box[];
  /** The nodes of each row from above, from left to right. */
  rows: number[][];
  layers: { name: string; top: number }[];
  /** Where the columns begin, how wide they are, and where their names stand. */
  lefts: number[];
  wides: number[];
  base: number;
}

export function planOf(nodes: readonly Node[], columns: readonly string[], width: number): Plan {
  const layers = [...new Set(nodes.map(({ layer }) => layer))].sort(
    (a, b) => (b ?? Number.POSITIVE_INFINITY) - (a ?? Number.POSITIVE_INFINITY),
  );
  const wide = Math.ceil(
    Math.min(NAME.most, Math.max(NAME.least, widest(nodes.map(({ name }) => name)) + 12)),
  );
  const inCell = (layer: number | null, column: number) =>
    range(nodes.length).filter((i) => nodes[i]?.layer === layer && nodes[i]?.column === column);
  const most = columns.map((_, column) =>
    Math.max(1, ...layers.map((layer) => inCell(layer, column).length)),
  );
  const names = layers.map((layer) => (layer === null ? "" : `L${layer}`));
  const left = Math.ceil(widest(names)) + 8;
  const step = wide + GAP.node;
  const needed = left + most.reduce((sum, count) => sum + count * step + GAP.column, 0);
  const more = Math.max(0, (Math.min(width, 1.25 * needed) - needed) / columns.length);
  const wides = most.map((count) => Math.floor(count * step + more));
  const lefts = wides.map((_, i) => wides.slice(0, i).reduce((sum, wide) => sum + wide + GAP.column, left));
  const boxes: Box[] = nodes.map(() => ({ left: 0, top: 0, width: wide, height: HIGH }));
  const rows = layers.map((layer, row) => {
    const top = row * (HIGH + RISE);
    return columns.flatMap((_, column) => {
      const here = inCell(layer, column);
      // Each has the same room, in the middle of its column.
      const own = Math.min((wides[column] ?? 0) / Math.max(1, here.length), wide + 3 * GAP.column);
      const first = (lefts[column] ?? 0) + ((wides[column] ?? 0) - own * here.length) / 2;
      for (const [i, node] of here.entries())
        boxes[node] = {
          left: Math.round(first + (i + 0.5) * own - wide / 2),
          top,
          width: wide,
          height: HIGH,
        };
      return here;
    });
  });
  const base = layers.length * (HIGH + RISE) - RISE + LINE + 6;
  return {
    width: (lefts.at(-1) ?? left) + (wides.at(-1) ?? 0),
    height: base + 6,
    boxes,
    rows,
    layers: names.map((name, row) => ({ name, top: row * (HIGH + RISE) })),
    lefts,
    wides,
    base,
  };
}
