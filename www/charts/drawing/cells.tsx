// The cells of a map: a colour for each value, and numbers where they say something and fit.

import { at, type Column, endsOf, type Frame } from "../frame/frame.ts";
import { formatter } from "../frame/numbers.ts";
import { type Box, fillOf, INK, stepOf } from "./drawing.ts";
import { widthOf } from "./room.ts";

/** The share of the largest from which on a number is written. */
const SAYS_SOMETHING = 0.05;

export interface CellsProps {
  frame: Frame;
  column: Column;
  /** Where the map begins in the column, and each cell's box. */
  from: number;
  boxes: readonly Box[];
  limit: number;
}

/** What has no value is not drawn; what is 0 is an empty box. */
export function Cells({ frame, column, from, boxes, limit }: CellsProps) {
  const format = formatter(limit);
  const cells = boxes.flatMap((box, i) => {
    const value = at(column, from + i);
    return value === null ? [] : [{ i, value, ...box }];
  });
  // Thousands of cells are a few paths, one for each strength of a colour.
  const paths = new Map<number, string>();
  for (const { value, left, top, width, height } of cells) {
    const step = stepOf(value, limit);
    const box = `M${left + 0.5} ${top + 0.5}h${width - 1}v${height - 1}h${1 - width}z`;
    paths.set(step, (paths.get(step) ?? "") + box);
  }
  const says = saysSomething(frame, column, limit);
  const said = cells.filter(({ i }) => says(from + i));
  // All of them or none: one that is left out for its length would seem to be small.
  const fit = said.every(({ value, width }) => widthOf(format(value)) <= width - 2);
  return (
    <>
      <g stroke={INK.grid} stroke-linejoin="round">
        {[...paths].map(([step, d]) => (
          <path key={step} d={d} {...fillOf(step, 1)} />
        ))}
      </g>
      <g text-anchor="middle">
        {fit &&
          said.map(({ i, value, left, top, width, height }) => (
            <text key={i} x={left + width / 2} y={top + height / 2 + 4}>
              {format(value)}
            </text>
          ))}
      </g>
    </>
  );
}

/** A number is worth its place where it is not small beside the others, and its interval, if any, does not span 0. */
function saysSomething(frame: Frame, column: Column, limit: number): (i: number) => boolean {
  const ends = endsOf(frame, column);
  return (i) => {
    const value = at(column, i);
    if (value === null || limit === 0 || Math.abs(value) < SAYS_SOMETHING * limit) return false;
    const [low, high] = ends ? [at(ends.low, i), at(ends.high, i)] : [null, null];
    return low === null || high === null || low > 0 || high < 0;
  };
}
