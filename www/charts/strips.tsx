// One query's attention: the tokens as a row to choose the query from, and below them once for each condition, coloured by
// what the query has for each as a key.

import { visible } from "../text/plain-text.ts";
import { limitOf, rolesOf } from "./attention.tsx";
import { type Box, type Drawing, fillOf, INK, inBoxes } from "./drawing.ts";
import { LEGEND_HEIGHT, Legend } from "./facets.tsx";
import { at, type Figure, facetsOf, measure, scaleOf, valueText } from "./frame.ts";
import { innerAxes } from "./heat-map.tsx";
import type { Options } from "./options.ts";
import { cut, LINE, widthOf } from "./room.ts";

const CELL = { height: 36, gap: 3, pad: 12, least: 26, most: 180 };
const HEAD = LINE + 6;
const GAP = 12;

/** Without `kept` it is the last token's, at which an answer is read. */
export function queryOf({ frame }: Figure, { kept }: Options): number {
  const [queries] = innerAxes(frame);
  const last = queries.labels.length - 1;
  return Math.max(0, Math.min(last, kept?.[queries.name] ?? last));
}

export function strips(figure: Figure, options: Options, width: number): Drawing {
  const { frame } = figure;
  const [queries, keys] = innerAxes(frame);
  const column = measure(frame, options.column);
  const query = queryOf(figure, options);
  const role = rolesOf(figure);
  const count = keys.labels.length;
  const texts = keys.labels.map(textOf);
  const { boxes: tokens, height } = flow(
    texts.map((text, i) => Math.max(widthOf(text), widthOf(role(i), { bold: true }))),
    width,
  );
  const places = facetsOf(frame, 2).map(({ name, from }) => ({ name, from: from + query * count }));
  const own = { values: places.flatMap(({ from }) => column.values.slice(from, from + count)) };
  const scale = { ...scaleOf(own), ...(limitOf(column) && { limit: limitOf(column) ?? 1 }) };
  const between = height + GAP + (places.some(({ name }) => name !== "") ? HEAD : 0);
  const tops = [HEAD, ...places.map((_, i) => HEAD + (i + 1) * between)];
  const bottom = (tops.at(-1) ?? 0) + height + GAP;
  const boxes = ({ row, column: place }: { row: number; column: number }): Box[] => {
    const box = tokens[place];
    return box ? [{ ...box, top: box.top + (tops[row] ?? 0) }] : [];
  };
  const size = { rows: tops.length, columns: count };
  const title = `From ${queries.labels[query] === undefined ? "" : visible(queries.labels[query])}${role(query) && ` (${role(query)})`}`;
  return {
    width,
    height: bottom + LEGEND_HEIGHT,
    picture: (
      <g>
        {tops.map((top, row) => (
          <g key={top}>
            <text x={0} y={top - 8} font-weight={600}>
              {cut(row === 0 ? title : (places[row - 1]?.name ?? ""), width, { bold: true })}
            </text>
            {tokens.map((box, i) => {
              const value = row === 0 ? null : at(column, (places[row - 1]?.from ?? 0) + i);
              const seen = row === 0 || value !== null;
              return (
                <Token
                  key={i}
                  box={{ ...box, top: top + box.top }}
                  text={texts[i] ?? ""}
                  role={role(i)}
                  fill={value === null ? { fill: "none" } : fillOf(value, scale.limit)}
                  edge={row === 0 && i === query ? INK.accent : INK.grid}
                  ink={seen ? INK.text : INK.quiet}
                  dashes={seen ? undefined : "3 2"}
                />
              );
            })}
          </g>
        ))}
        <Legend scale={scale} column={column} left={0} top={bottom - GAP} />
      </g>
    ),
    board:
      count === 0
        ? null
        : {
            ...size,
            boxes,
            under: inBoxes({ ...size, boxes }),
            bands: ({ row, column: place }) =>
              row === 0 ? [] : places.flatMap((_, i) => boxes({ row: i + 1, column: place })),
            say: ({ row, column: key }) => {
              const name = visible(keys.labels[key] ?? "");
              if (row === 0) return `query ${name}${role(key) && ` (${role(key)})`}`;
              if (key > query) return `key ${name}: it comes after the query, which does not see it`;
              const values = places.map(({ name, from }) =>
                `${name} ${valueText(frame, column, from + key)}`.trim(),
              );
              return `key ${name}${role(key) && ` (${role(key)})`}: ${values.join(" · ")}`;
            },
            places: ({ row, column: place }) => (row === 0 ? { [queries.name]: place } : null),
          },
  };
}

/** Without its number, which is there to tell tokens apart. */
function textOf(label: string): string {
  const text = visible(/^\d+ (.+)$/s.exec(label)?.[1] ?? label);
  return cut(text, CELL.most - CELL.pad);
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

interface TokenProps {
  box: Box;
  text: string;
  role: string;
  fill: { fill: string; "fill-opacity"?: number };
  edge: string;
  ink: string;
  dashes: string | undefined;
}

function Token({ box: { left, top, width, height }, text, role, fill, edge, ink, dashes }: TokenProps) {
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
      <text x={left + width / 2} y={top + 30} font-weight={600}>
        {role}
      </text>
    </g>
  );
}
