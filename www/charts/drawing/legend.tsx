// The scale that maps share: its colours from one end to the other, and what it measures.

import type { VNode } from "preact";
import type { Column } from "../frame/frame.ts";
import { formatter } from "../frame/numbers.ts";
import { titleOf } from "../frame/said.ts";
import { fillOf, INK, range } from "./drawing.ts";
import { LINE, widest, widthOf, wrapped } from "./room.ts";

export interface Scale {
  /** The value of the strongest colour. */
  limit: number;
  signed: boolean;
}

export interface Legend {
  width: number;
  height: number;
  /** With its upper left corner there. */
  at: (left: number, top: number) => VNode;
}

/** In steps, which need no gradient. */
const STEPS = 24;
const STEP = 5;
const BAR = STEP * (STEPS + 1);
const TOP = 10;
const GAP = 12;

/** What it measures stands beside the colours, or below them where `room` is less. */
export function legendOf({ limit, signed }: Scale, column: Column, room: number): Legend {
  const format = formatter(limit);
  const [from, to] = [signed ? format(-limit) : "0", limit === 0 ? "" : format(limit)];
  const title = limit === 0 ? `${titleOf(column)}: every value is 0` : titleOf(column);
  const begin = widthOf(from) + 4;
  const end = begin + BAR + 4 + widthOf(to);
  const beside = end + GAP + widthOf(title) <= room;
  const lines = beside ? [title] : wrapped(title, Math.max(room, end));
  const first = signed ? -limit : 0;
  return {
    width: Math.ceil(beside ? end + GAP + widthOf(title) : Math.max(end, widest(lines))),
    height: TOP + LINE + (beside ? 0 : lines.length * LINE) + 2,
    at: (left, top) => (
      <g transform={`translate(${left} ${top + TOP})`} fill={INK.quiet}>
        <text x={begin - 4} y={10} text-anchor="end">
          {from}
        </text>
        {range(STEPS + 1).map((i) => {
          const fill = fillOf(first + ((limit - first) * i) / STEPS, limit);
          return <rect key={i} x={begin + i * STEP} width={STEP} height={11} {...fill} />;
        })}
        <rect x={begin} width={BAR} height={11} fill="none" stroke={INK.grid} />
        <text x={begin + BAR + 4} y={10}>
          {to}
        </text>
        {lines.map((line, i) => (
          <text key={i} x={beside ? end + GAP : 0} y={beside ? 10 : 11 + (i + 1) * LINE}>
            {line}
          </text>
        ))}
      </g>
    ),
  };
}
