// The names beside a plane of pairs: each component's where there is room for it, else each kind's, the heads by layer.

import { visible } from "../../text/plain-text.ts";
import { INK } from "../drawing/drawing.ts";
import { cut } from "../drawing/room.ts";
import { words } from "../frame/frame.ts";
import { partOf } from "../frame/layers.ts";

/** What the axes take, above and to the left of the plane. */
export const MARGIN = 60;
/** The least that a name takes across its line. */
export const ROOMY = 14;

interface Tick {
  name: string;
  /** Components: where it begins, and before which it ends. */
  from: number;
  to: number;
}

function ticksOf(components: readonly string[], cell: number): Tick[] {
  const ticks: Tick[] = [];
  components.forEach((component, i) => {
    const { layer, head, kind } = partOf(component);
    const group = layer === null ? "" : head === null ? kind : `L${layer}`;
    const name = cell >= ROOMY ? visible(component) : group;
    const last = ticks.at(-1);
    if (cell < ROOMY && last?.name === name) last.to = i + 1;
    else ticks.push({ name, from: i, to: i + 1 });
  });
  return ticks;
}

/** Along the top for keys, along the left for queries; `cell` in pixels. From 0, 0 at the corner of both. */
export function PairNames({
  side,
  components,
  cell,
}: {
  side: "top" | "left";
  components: readonly string[];
  cell: number;
}) {
  return (
    <g text-anchor={side === "top" ? "start" : "end"}>
      {ticksOf(components, cell).map(({ name, from, to }) => {
        const [middle, end] = [((from + to) / 2) * cell, to * cell];
        const at = side === "top" ? `translate(${middle + 4} -6) rotate(-90)` : `translate(-6 ${middle + 4})`;
        return (
          <g key={from}>
            {(to - from) * cell >= ROOMY - 1 && <text transform={at}>{cut(name, MARGIN - 8)}</text>}
            <path d={side === "top" ? `M${end} -4V0` : `M-4 ${end}H0`} stroke={INK.grid} />
          </g>
        );
      })}
    </g>
  );
}

/** In the corner of both: what rows and columns are. */
export function PairTitles({ rows, columns }: { rows: string; columns: string }) {
  return (
    <g text-anchor="end" fill={INK.quiet}>
      <text x={-6} y={-26}>
        {cut(`${words(columns)} →`, MARGIN - 8)}
      </text>
      <text x={-6} y={-10}>
        {cut(`${words(rows)} ↓`, MARGIN - 8)}
      </text>
    </g>
  );
}
