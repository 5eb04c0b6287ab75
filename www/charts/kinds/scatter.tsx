// A point for each place of the last axis: its value under the first label to the right, under another one upwards. A panel
// for each other label, all with one scale.

import type { Options } from "../../text/options.ts";
import { AxisBelow, AxisBeside, besideRoom, labelOf, numberAxis } from "../drawing/axes.tsx";
import { type Board, type Box, type Drawing, INK, range } from "../drawing/drawing.ts";
import { columnsFor, FacetTitles, facetsAt, roomFor } from "../drawing/facets.tsx";
import { cut } from "../drawing/room.ts";
import { sentence } from "../drawing/sentence.tsx";
import { at, type Figure, facetsOf, lastAxis, measure, named, placesOf } from "../frame/frame.ts";
import { domainOf } from "../frame/numbers.ts";
import { facetsText } from "../frame/said.ts";

const MARGIN = { right: 12, top: 6, bottom: 40 };
/** Of a finger, and of a ring. */
const REACH = 22;
const RADIUS = 6;
/** A panel's sides: on a phone there are two beside each other. */
const SIDE = { phone: 160, least: 225, most: 380 };
const PHONE = 520;
/** Points that lie over each other look darker only across paths, so they are dealt out to a few. */
const PATHS = 8;

interface Point {
  x: number;
  y: number;
}

interface Panel {
  left: number;
  top: number;
  /** Of each place of the last axis. */
  points: (Point | null)[];
}

export function scatter({ frame }: Figure, { column: name }: Options, width: number): Drawing {
  const column = measure(frame, name);
  const axis = lastAxis(frame);
  const [first, ...others] = facetsOf(frame, 1);
  if (first === undefined || others.length === 0)
    return sentence(`There is nothing to compare ${first?.name || "these numbers"} with.`, width);
  const beside = columnsFor(Math.max(2, others.length), width < PHONE ? SIDE.phone : SIDE.least, width);
  const side = Math.min(SIDE.most, roomFor(beside, width));
  const domain = domainOf(column.values);
  const left = besideRoom(numberAxis(domain, [0, side]));
  const size = { width: side, height: side - left - MARGIN.right + MARGIN.top + MARGIN.bottom };
  const field = {
    left,
    right: size.width - MARGIN.right,
    top: MARGIN.top,
    bottom: size.height - MARGIN.bottom,
  };
  const length = field.right - field.left;
  const [rightwards, upwards] = [
    numberAxis(domain, [field.left, field.right]),
    numberAxis(domain, [field.bottom, field.top]),
  ];
  const names = others.map(({ name }) => name);
  const { corners, titles, ...all } = facetsAt(names, size, beside, left);
  const panels = corners.map(({ left, top }, i): Panel => {
    const points = range(axis.labels.length).map((place) => {
      const [x, y] = [at(column, first.from + place), at(column, (others[i]?.from ?? 0) + place)];
      return x === null || y === null ? null : { x: rightwards.at(x), y: upwards.at(y) };
    });
    return { left, top, points };
  });
  // The way of the arrow keys.
  const known = range(axis.labels.length).filter((place) => panels.some(({ points }) => points[place]));
  const order = known.sort((a, b) => (at(column, first.from + a) ?? 0) - (at(column, first.from + b) ?? 0));
  const board: Board = {
    rows: 1,
    columns: order.length,
    ...whereIn(panels, order),
    say: ({ column: i }) => {
      const place = order[i] ?? 0;
      const name = named(axis.name, axis.labels[place] ?? "");
      return `${name}: ${facetsText(frame, column, [first, ...others], place)}`;
    },
    places: ({ column: i }) => placesOf(axis.name, axis.labels, order[i] ?? 0),
  };
  return {
    width: Math.max(width, all.width),
    height: all.height,
    picture: (
      <g>
        <FacetTitles titles={titles} />
        {panels.map(({ left, top, points }, i) => (
          <g key={names[i]} transform={`translate(${left} ${top})`}>
            <AxisBeside axis={upwards} field={field} label={labelOf(column, length)} />
            <AxisBelow lined axis={rightwards} field={field} label={cut(first.name, length)} />
            <path
              d={`M${field.left + 0.5} ${field.bottom + 0.5}L${field.right + 0.5} ${field.top + 0.5}`}
              stroke={INK.quiet}
              stroke-width={1.5}
              stroke-dasharray="4 3"
              stroke-linecap="round"
            />
            <Points of={points} />
          </g>
        ))}
      </g>
    ),
    board: order.length === 0 ? null : board,
  };
}

/** `order`: which place of the axis is at each column of the board. */
function whereIn(panels: readonly Panel[], order: readonly number[]): Pick<Board, "boxes" | "under"> {
  const columns = new Map(order.map((place, i) => [place, i]));
  return {
    boxes: ({ column }) =>
      panels.flatMap(({ left, top, points }): Box[] => {
        const point = points[order[column] ?? -1];
        if (!point) return [];
        const corner = { left: left + point.x - RADIUS, top: top + point.y - RADIUS };
        return [{ ...corner, width: 2 * RADIUS, height: 2 * RADIUS, round: true }];
      }),
    under: (x, y) => {
      let [found, least]: [number | undefined, number] = [undefined, REACH ** 2];
      for (const { left, top, points } of panels)
        for (const [place, point] of points.entries()) {
          const distance = point ? (left + point.x - x) ** 2 + (top + point.y - y) ** 2 : least;
          if (distance < least) [found, least] = [columns.get(place), distance];
        }
      return found === undefined ? null : { row: 0, column: found };
    },
  };
}

/** A path draws ten thousand points as fast as one: each is a line of no length with round ends. */
function Points({ of }: { of: readonly (Point | null)[] }) {
  const paths = Array.from({ length: PATHS }, () => "");
  // In tenths of a pixel: whole numbers are much sooner written.
  for (const [i, point] of of.entries())
    if (point !== null) paths[i % PATHS] += `M${Math.round(10 * point.x)},${Math.round(10 * point.y)}h0`;
  const wide = of.length > 1000 ? 30 : of.length > 200 ? 45 : 60;
  return (
    <g
      transform="scale(0.1)"
      fill="none"
      stroke={INK.accent}
      stroke-width={wide}
      stroke-linecap="round"
      stroke-opacity={0.6}
    >
      {paths.map((d, i) => d !== "" && <path key={i} d={d} />)}
    </g>
  );
}
