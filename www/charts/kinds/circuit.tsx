// A circuit: a node for each head at its positions, layers upwards, positions beside each other, and the logits on top. A line
// for each path, as wide as what it carries is large, from the head that writes to what another one makes of it.

import type { Options } from "../../text/options.ts";
import { visible } from "../../text/plain-text.ts";
import { type Board, type Box, type Drawing, INK, inBoxes, range } from "../drawing/drawing.ts";
import { legendOf } from "../drawing/legend.tsx";
import { cut, LINE, widest, widthOf } from "../drawing/room.ts";
import {
  at,
  type Column,
  endsOf,
  type Figure,
  type Frame,
  innerAxes,
  measure,
  placesOf,
  scaleOf,
} from "../frame/frame.ts";
import { valueText } from "../frame/said.ts";

const HIGH = 28;
/** Between layers, for the lines. */
const RISE = 38;
/** Between nodes, and between positions. */
const GAP = { node: 6, column: 20 };
const NAME = { least: 40, most: 120 };
const LINES = { least: 1, most: 8 };
const PORTS = ["q", "k", "v"];
/** How many paths are told of a node. */
const TOLD = 3;

interface Node {
  /** As the axis of senders has it: "9.9@END"; or what reads at the end. */
  label: string;
  /** In the box: "9.9". */
  name: string;
  /** What it is known to do; may be empty. */
  kind: string;
  /** Null of what reads at the end. */
  layer: number | null;
  column: number;
}

interface Path {
  from: number;
  to: number;
  /** "q", "k", "v"; "" of what reads at the end. */
  port: string;
  value: number;
  /** Of the column's values. */
  index: number;
  /** Its interval spans 0. */
  unsure: boolean;
}

export function circuit(figure: Figure, { column: name, threshold }: Options, width: number): Drawing {
  const { frame } = figure;
  const column = measure(frame, name);
  const scale = scaleOf(column);
  const { nodes, paths, columns } = read(figure, column);
  const least = (Number(threshold) / 100) * scale.limit;
  const shown = paths.filter(({ value }) => value !== 0 && Math.abs(value) >= least);
  const plan = planOf(nodes, columns, width);
  const legend = legendOf(scale, column, Math.max(width, plan.width));
  const left = paths.length - shown.length;
  const note = left === 0 ? "" : `${left} of ${paths.length} paths are smaller and not drawn`;
  const noteHigh = note === "" ? 0 : LINE;
  return {
    width: Math.max(plan.width, legend.width, Math.ceil(widthOf(note))),
    height: plan.height + legend.height + noteHigh,
    picture: (
      <g>
        <Paths paths={shown} plan={plan} limit={scale.limit} />
        <Nodes nodes={nodes} paths={shown} plan={plan} />
        <Names plan={plan} columns={columns} />
        {legend.at(0, plan.height)}
        {note !== "" && (
          <text x={0} y={plan.height + legend.height + 11} fill={INK.quiet}>
            {note}
          </text>
        )}
      </g>
    ),
    board: boardOf(figure, column, nodes, shown, plan),
  };
}

/** Nodes and paths by the labels of both axes. */
function read({ frame, groups }: Figure, column: Column) {
  const [receivers, senders] = innerAxes(frame);
  const group = (name: string) => groups.find((group) => group.name === name);
  const [roles, classes] = [group("role"), group("class")];
  const columns = (roles?.labels ?? [""]).map(visible);
  const nodes = senders.labels.map((label, i): Node => {
    const [, layer = "0", head] = /^(\d+)\.(\d+)@/.exec(label) ?? [];
    const kind = classes?.labels[classes.of[i] ?? -1] ?? "";
    const place = Math.min(columns.length - 1, roles?.of[i] ?? 0);
    const name = head === undefined ? label : `${layer}.${head}`;
    return { label, name: visible(name), kind: visible(kind), layer: Number(layer), column: place };
  });
  const ends = endsOf(frame, column);
  const paths: Path[] = [];
  for (const [row, label] of receivers.labels.entries()) {
    const [, head, port = "", where] = /^(\d+\.\d+)\.([qkv])@(.+)$/.exec(label) ?? [];
    let to = nodes.findIndex((node) => node.label === `${head}@${where}`);
    if (to < 0)
      to = nodes.push({ label, name: visible(label), kind: "", layer: null, column: columns.length - 1 }) - 1;
    for (const from of senders.labels.keys()) {
      const index = row * senders.labels.length + from;
      const value = at(column, index);
      if (value === null) continue;
      const [low, high] = ends ? [at(ends.low, index), at(ends.high, index)] : [null, null];
      const unsure = low !== null && high !== null && low <= 0 && high >= 0;
      paths.push({ from, to, port: nodes[to]?.layer === null ? "" : port, value, index, unsure });
    }
  }
  return { nodes, paths, columns };
}

interface Plan {
  width: number;
  height: number;
  /** Of each node. */
  boxes: Box[];
  /** The nodes of each row from above, from left to right. */
  rows: number[][];
  layers: { name: string; top: number }[];
  /** Where the columns begin, how wide they are, and where their names stand. */
  lefts: number[];
  wides: number[];
  base: number;
}

function planOf(nodes: readonly Node[], columns: readonly string[], width: number): Plan {
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

/** Where a line comes in, from the left edge of a box. */
function portAt({ width }: Box, port: string): number {
  const place = PORTS.indexOf(port);
  return place < 0 ? width / 2 : (width * (place + 1)) / (PORTS.length + 1);
}

/** The faint ones first, so that the others lie over them. */
function Paths({ paths, plan: { boxes }, limit }: { paths: readonly Path[]; plan: Plan; limit: number }) {
  const inOrder = [...paths].sort((a, b) => Math.abs(a.value) - Math.abs(b.value));
  return (
    <g fill="none">
      {inOrder.map(({ from, to, port, value, index, unsure }) => {
        const [sender, receiver] = [boxes[from], boxes[to]];
        if (!sender || !receiver) return null;
        const share = limit === 0 ? 0 : Math.abs(value) / limit;
        const [x, y] = [sender.left + sender.width / 2, sender.top];
        const [toX, toY] = [receiver.left + portAt(receiver, port), receiver.top + receiver.height];
        const bend = Math.max(RISE / 2, (y - toY) / 2);
        return (
          <path
            key={index}
            d={`M${x} ${y}C${x} ${y - bend} ${toX} ${toY + bend} ${toX} ${toY}`}
            stroke={value < 0 ? INK.minus : INK.plus}
            stroke-width={Number((LINES.least + share * (LINES.most - LINES.least)).toFixed(2))}
            stroke-opacity={unsure ? 0.45 : 0.9}
            stroke-dasharray={unsure ? "4 3" : undefined}
          />
        );
      })}
    </g>
  );
}

interface NodesProps {
  nodes: readonly Node[];
  paths: readonly Path[];
  plan: Plan;
}

function Nodes({ nodes, paths, plan: { boxes } }: NodesProps) {
  return (
    <g text-anchor="middle">
      {nodes.map(({ name }, i) => {
        const { left = 0, top = 0, width = 0, height = 0 } = boxes[i] ?? {};
        const box = { left, top, width, height };
        const ports = PORTS.filter((port) => paths.some((path) => path.to === i && path.port === port));
        return (
          <g key={i}>
            <rect
              x={left + 0.5}
              y={top + 0.5}
              width={width - 1}
              height={height - 1}
              rx={4}
              fill={INK.paper}
              stroke={INK.quiet}
            />
            <text x={left + width / 2} y={top + (ports.length > 0 ? 14 : 18)}>
              {cut(name, width - 6)}
            </text>
            {ports.map((port) => (
              <text key={port} x={left + portAt(box, port)} y={top + 24} font-size="9" fill={INK.quiet}>
                {port}
              </text>
            ))}
          </g>
        );
      })}
    </g>
  );
}

function Names({
  plan: { layers, lefts, wides, base },
  columns,
}: {
  plan: Plan;
  columns: readonly string[];
}) {
  return (
    <g fill={INK.quiet}>
      {layers.map(({ name, top }) => (
        <text key={top} x={0} y={top + HIGH / 2 + 4}>
          {name}
        </text>
      ))}
      <g text-anchor="middle">
        {columns.map((name, i) => (
          <text key={i} x={(lefts[i] ?? 0) + (wides[i] ?? 0) / 2} y={base}>
            {cut(name, wides[i] ?? 0)}
          </text>
        ))}
      </g>
    </g>
  );
}

function boardOf(
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
