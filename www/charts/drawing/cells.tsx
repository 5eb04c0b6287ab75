// The cells of a map: a colour for each value, and numbers where they say something and fit.

import { at, type Column, endsOf, type Frame } from "../frame/frame.ts";
import { formatter } from "../frame/numbers.ts";
import { type Box, fillOf, INK } from "./drawing.ts";
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
  const said = cells.filter(({ i }) => saysSomething(frame, column, from + i, limit));
  // All of them or none: one that is left out for its length would seem to be small.
  const fit = said.every(({ value, width }) => widthOf(format(value)) <= width - 2);
  return (
    <>
      <g stroke={INK.grid}>
        {cells.map(({ i, value, left, top, width, height }) => (
          <rect
            key={i}
            x={left + 0.5}
            y={top + 0.5}
            width={width - 1}
            height={height - 1}
            rx={2}
            {...fillOf(value, limit)}
          />
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
function saysSomething(frame: Frame, column: Column, i: number, limit: number): boolean {
  const value = at(column, i);
  if (value === null || limit === 0 || Math.abs(value) < SAYS_SOMETHING * limit) return false;
  const ends = endsOf(frame, column);
  const [low, high] = ends ? [at(ends.low, i), at(ends.high, i)] : [null, null];
  return low === null || high === null || low > 0 || high < 0;
}
