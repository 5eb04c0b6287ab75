// One query's attention: the tokens as a row to choose the query from, and below them once for each condition, coloured by
// what the query has for each as a key.

import type { Options } from "../../text/options.ts";
import { visible } from "../../text/plain-text.ts";
import { type Board, type Box, type Drawing, fillOf, INK, inBoxes } from "../drawing/drawing.ts";
import { legendOf } from "../drawing/legend.tsx";
import { cut, LINE, widthOf } from "../drawing/room.ts";
import { at, type Figure, facetsOf, innerAxes, measure, scaleOf } from "../frame/frame.ts";
import { keptOf } from "../frame/kept.ts";
import { facetsText } from "../frame/said.ts";
import { limitOf, rolesOf, withRole } from "./attention.tsx";

const CELL = { height: 36, gap: 3, pad: 12, least: 26, most: 180 };
const HEAD = LINE + 6;
const GAP = 12;

export function strips(figure: Figure, options: Options, width: number): Drawing {
  const { frame } = figure;
  const [queries, keys] = innerAxes(frame);
  const column = measure(frame, options.column);
  const role = rolesOf(figure);
  const count = keys.labels.length;
  // Without any kept it is the last token's, at which an answer is read.
  const query = Math.max(0, Math.min(count - 1, keptOf(frame, options)?.[queries.name] ?? count - 1));
  const name = (place: number) => withRole(keys.labels[place] ?? "", role(place));
  const tokens = keys.labels.map((label, i) => ({ text: textOf(label), role: role(i) }));
  const { boxes, height } = flow(
    tokens.map(({ text, role }) => Math.max(widthOf(text), widthOf(role, { bold: true }))),
    width,
  );
  const runs = facetsOf(frame, 2).map((facet) => ({ ...facet, from: facet.from + query * count }));
  const scale = scaleOf({ values: runs.flatMap(({ from }) => column.values.slice(from, from + count)) });
  scale.limit = limitOf(column) ?? scale.limit;
  const between = height + GAP + (runs.some(({ name }) => name !== "") ? HEAD : 0);
  const tops = [0, ...runs.map((_, i) => (i + 1) * between)].map((top) => HEAD + top);
  const bottom = (tops.at(-1) ?? 0) + height;
  const legend = legendOf(scale, column, width);
  const moved = (box: Box, row: number) => ({ ...box, top: box.top + (tops[row] ?? 0) });
  const size = { rows: tops.length, columns: count };
  const boxesAt: Board["boxes"] = ({ row, column }) => {
    const box = boxes[column];
    return box ? [moved(box, row)] : [];
  };
  const board: Board = {
    ...size,
    boxes: boxesAt,
    under: inBoxes({ ...size, boxes: boxesAt }),
    bands: ({ row, column }) => (row === 0 ? [] : runs.flatMap((_, i) => boxesAt({ row: i + 1, column }))),
    say: ({ row, column: place }) => {
      if (row === 0) return `query ${name(place)}`;
      if (place > query) return `key ${name(place)} comes after the query, which does not see it`;
      return `key ${name(place)}: ${facetsText(frame, column, runs, place)}`;
    },
    places: ({ row, column }) => (row === 0 ? { [queries.name]: column } : null),
  };
  return {
    width,
    height: bottom + legend.height,
    picture: (
      <g>
        <Title text={`From ${name(query)}`} top={HEAD} width={width} />
        {tokens.map((token, i) => (
          <Token
            key={i}
            {...token}
            box={moved(boxes[i] as Box, 0)}
            edge={i === query ? INK.accent : INK.grid}
          />
        ))}
        {runs.map(({ name, from }, run) => (
          <g key={from}>
            <Title text={name} top={tops[run + 1] ?? 0} width={width} />
            {tokens.map((token, i) => {
              const value = at(column, from + i);
              const look = value === null ? UNSEEN : { fill: fillOf(value, scale.limit) };
              return <Token key={i} {...token} box={moved(boxes[i] as Box, run + 1)} {...look} />;
            })}
          </g>
        ))}
        {legend.at(0, bottom)}
      </g>
    ),
    board: count === 0 ? null : board,
  };
}

/** Without its number, which is there to tell tokens apart. */
function textOf(label: string): string {
  return cut(visible(/^\d+ (.+)$/s.exec(label)?.[1] ?? label), CELL.most - CELL.pad);
}

/** Boxes for texts of these widths, in lines. */
function flow(texts: readonly number[], width: number): { boxes: Box[]; height: number } {
  let [left, top] = [0, 0];
  const boxes = texts.map((text) => {
    const own = Math.ceil(Math.min(width, Math.max(CELL.least, text + CELL.pad)));
    if (left > 0 && left + own > width) {
      left = 0;
      top += CELL.height + CELL.gap;
    }
    const box = { left, top, width: own, height: CELL.height };
    left += own + CELL.gap;
    return box;
  });
  return { boxes, height: top + CELL.height };
}

function Title({ text, top, width }: { text: string; top: number; width: number }) {
  return (
    <text x={0} y={top - 8} font-weight={600}>
      {cut(text, width, { bold: true })}
    </text>
  );
}

interface TokenProps {
  box: Box;
  text: string;
  role: string;
  fill?: { fill: string; "fill-opacity"?: number };
  edge?: string;
  ink?: string;
  dashes?: string;
}

const UNSEEN = { ink: INK.quiet, dashes: "3 2" };

function Token({
  box,
  text,
  role,
  fill = { fill: "none" },
  edge = INK.grid,
  ink = INK.text,
  dashes,
}: TokenProps) {
  const { left, top, width, height } = box;
  return (
    <g fill={ink} text-anchor="middle">
      <rect
        x={left + 0.5}
        y={top + 0.5}
        width={width - 1}
        height={height - 1}
        rx={3}
        stroke={edge}
        stroke-width={edge === INK.accent ? 2 : 1}
        stroke-dasharray={dashes}
        {...fill}
      />
      <text x={left + width / 2} y={top + (role === "" ? 22 : 15)}>
        {text}
      </text>
      {role && (
        <text x={left + width / 2} y={top + 30} font-weight={600}>
          {role}
        </text>
      )}
    </g>
  );
}
