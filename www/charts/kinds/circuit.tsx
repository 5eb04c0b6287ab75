// A circuit: a node for each head at its positions, layers upwards, positions beside each other, and the logits on top. A line
// for each path, as wide as what it carries is large, from the head that writes to what another one makes of it.

import type { Options } from "../../text/options.ts";
import { type Drawing, INK } from "../drawing/drawing.ts";
import { legendOf } from "../drawing/legend.tsx";
import { LINE, widthOf } from "../drawing/room.ts";
import { type Figure, measure, scaleOf } from "../frame/frame.ts";
import { boardOf } from "./circuit/board.ts";
import { Names, Nodes, Paths } from "./circuit/picture.tsx";
import { planOf } from "./circuit/plan.ts";
import { read } from "./circuit/read.ts";

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
