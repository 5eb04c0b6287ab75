// What can be pointed at in a circuit, and what is said of it.

import { visible } from "../../../text/plain-text.ts";
import { type Board, inBoxes } from "../../drawing/drawing.ts";
import { type Column, type Figure, type Frame, placesOf } from "../../frame/frame.ts";
import { valueText } from "../../frame/said.ts";
import type { Plan } from "./plan.ts";
import type { Node, Path } from "./read.ts";

/** How many paths are told of a node. */
const TOLD = 3;

export function boardOf(
  { frame }: Figure,
  column: Column,
  nodes: readonly Node[],
  paths: readonly Path[],
  { rows, boxes }: Plan,
): Board {
  const nodeAt = ({ row, column }: { row: number; column: number }) => rows[row]?.[column] ?? -1;
  const size = { rows: rows.length, columns: Math.max(1, ...rows.map(({ length }) => length)) };
  const boxOf = (node: number) => boxes[node] ?? [];
  const own = (place: { row: number; column: number }) => [boxOf(nodeAt(place))].flat();
  return {
    ...size,
    boxes: own,
    under: inBoxes({ ...size, boxes: own }),
    nearest: ({ row, column }) => ({ row, column: Math.min(column, (rows[row]?.length ?? 1) - 1) }),
    bands: (place) => {
      const node = nodeAt(place);
      const beside = paths.flatMap(({ from, to }) => (from === node ? [to] : to === node ? [from] : []));
      return [...new Set(beside)].flatMap(boxOf);
    },
    say: (place) => said(frame, column, nodes, paths, nodeAt(place)),
    places: (place) => {
      const node = nodes[nodeAt(place)];
      return node === undefined || node.layer === null ? null : placesOf("sender", [node.label], 0);
    },
  };
}

/** "9.9@END, name mover · reads q from 7.3@END 0.5, 95% interval … · sends to logits 1.2 (logits)" */
function said(
  frame: Frame,
  column: Column,
  nodes: readonly Node[],
  paths: readonly Path[],
  node: number,
): string {
  const { label = "", kind = "" } = nodes[node] ?? {};
  const name = (i: number) => visible(nodes[i]?.label ?? "");
  const plain = { ...column, unit: "" };
  const told = (of: Path[], end: (path: Path) => string) => {
    const most = of.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    const texts = most.slice(0, TOLD).map((path) => `${end(path)} ${valueText(frame, plain, path.index)}`);
    return [...texts, ...(most.length > TOLD ? [`${most.length - TOLD} more`] : [])].join("; ");
  };
  const into = paths.filter(({ to }) => to === node);
  const out = paths.filter(({ from }) => from === node);
  const reads = told(into, ({ port, from }) => `${port} from ${name(from)}`.trim());
  const sends = told(out, ({ port, to }) => `to ${port === "" ? "" : `${port} of `}${name(to)}`);
  const unit = reads === "" && sends === "" ? "" : visible(column.unit);
  return [
    [visible(label), kind].filter(Boolean).join(", "),
    reads && `reads ${reads}`,
    sends && `sends ${sends}`,
    unit && `in ${unit}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
