// The picture of a circuit: boxes with the names of heads, and a line for each path between them.

import { type Box, INK } from "../../drawing/drawing.ts";
import { cut } from "../../drawing/room.ts";
import { HIGH, type Plan, RISE } from "./plan.ts";
import type { Node, Path } from "./read.ts";

const LINES = { least: 1, most: 8 };
const PORTS = ["q", "k", "v"];

/** Where a line comes in, from the left edge of a box. */
function portAt({ width }: Box, port: string): number {
  const place = PORTS.indexOf(port);
  return place < 0 ? width / 2 : (width * (place + 1)) / (PORTS.length + 1);
}

/** The faint ones first, so that the others lie over them. */
export function Paths({
  paths,
  plan: { boxes },
  limit,
}: {
  paths: readonly Path[];
  plan: Plan;
  limit: number;
}) {
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

export function Nodes({ nodes, paths, plan: { boxes } }: NodesProps) {
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

export function Names({
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
