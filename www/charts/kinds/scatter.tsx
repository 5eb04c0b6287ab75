// A point for each place of the last axis: its value under the first label to the right, under another one upwards. A panel
// for each other label, all with one scale.

import { gridX, gridY, line } from "@observablehq/plot";
import { type Box, type Drawing, INK, range } from "../drawing/drawing.ts";
import { columnsFor, FacetTitles, facetsAt, roomFor } from "../drawing/facets.tsx";
import { GRID, numberAxis, plotted, Raw } from "../drawing/plotted.tsx";
import { cut } from "../drawing/room.ts";
import { at, type Figure, facetsOf, innerAxes, measure, named, placesOf } from "../frame/frame.ts";
import { domainOf } from "../frame/numbers.ts";
import type { Options } from "../frame/options.ts";
import { facetsText, titleOf } from "../frame/said.ts";

const MARGIN = { left: 52, right: 12, top: 6, bottom: 40 };
/** Of a finger, and of a ring. */
const REACH = 22;
const RADIUS = 6;
/** A panel's sides. */
const SIDE = { least: 160, most: 380 };
/** Points that lie over each other look darker only across paths, so they are dealt out to a few. */
const PATHS = 8;

export function scatter({ frame }: Figure, { column: name }: Options, width: number): Drawing {
  const [series, points] = innerAxes(frame);
  const column = measure(frame, name);
  const count = points.labels.length;
  const value = (label: number, point: number) => at(column, label * count + point);
  const panels = range(series.labels.length).slice(1);
  const title = named(series.name, series.labels[0] ?? "");
  const beside = columnsFor(Math.max(2, panels.length), width < 520 ? SIDE.least : 225, width);
  const side = Math.min(SIDE.most, roomFor(beside, width));
  const domain = domainOf(range(series.labels.length * count).map((i) => at(column, i)));
  const axis = numberAxis(domain, side - MARGIN.left - MARGIN.right, titleOf(column));
  const high = side - MARGIN.left - MARGIN.right + MARGIN.top + MARGIN.bottom;
  const panel = plotted({
    width: side,
    height: high,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { ...axis, label: cut(title, side - MARGIN.left - MARGIN.right), labelOffset: 36 },
    y: { ...axis, labelOffset: 48 },
    marks: [
      gridX({ ...GRID, ticks: axis.ticks }),
      gridY({ ...GRID, ticks: axis.ticks }),
      line(
        domain.map((end) => [end, end]),
        { stroke: INK.quiet, strokeDasharray: "4 3" },
      ),
    ],
  });
  const names = panels.map((label) => named(series.name, series.labels[label] ?? ""));
  const { corners, titles, ...size } = facetsAt(
    names,
    { width: side, height: high },
    Math.max(1, beside),
    MARGIN.left,
  );
  const places = panels.map((label) =>
    range(count).map((point) => {
      const [x, y] = [value(0, point), value(label, point)];
      return x === null || y === null ? null : { x: panel.x(x), y: panel.y(y) };
    }),
  );
  // The way of the arrow keys.
  const order = range(count)
    .filter((point) => value(0, point) !== null)
    .sort((a, b) => (value(0, a) ?? 0) - (value(0, b) ?? 0));
  const rank = new Map(order.map((point, i) => [point, i]));
  return {
    width: Math.max(width, size.width),
    height: Math.max(size.height, 0),
    picture: (
      <g>
        <FacetTitles titles={titles} />
        {corners.map(({ left, top }, i) => (
          <g key={left + top * 10_000} transform={`translate(${left} ${top})`}>
            <Raw node={panel.node.cloneNode(true)} />
            <Points of={places[i] ?? []} />
          </g>
        ))}
      </g>
    ),
    board:
      order.length === 0 || panels.length === 0
        ? null
        : {
            rows: 1,
            columns: order.length,
            boxes: ({ column: i }) =>
              places.flatMap((own, panel): Box[] => {
                const [point, corner] = [own[order[i] ?? -1], corners[panel]];
                if (!point || !corner) return [];
                const [left, top] = [corner.left + point.x - RADIUS, corner.top + point.y - RADIUS];
                return [{ left, top, width: 2 * RADIUS, height: 2 * RADIUS, round: true }];
              }),
            under: (x, y) => {
              let [found, least]: [number | null, number] = [null, REACH ** 2];
              for (const [panel, { left, top }] of corners.entries())
                for (const [point, it] of (places[panel] ?? []).entries()) {
                  const distance = it === null ? least : (left + it.x - x) ** 2 + (top + it.y - y) ** 2;
                  if (distance < least) [found, least] = [point, distance];
                }
              const column = rank.get(found ?? -1);
              return column === undefined ? null : { row: 0, column };
            },
            say: ({ column: i }) => {
              const point = order[i] ?? 0;
              const name = named(points.name, points.labels[point] ?? "");
              return `${name}: ${facetsText(frame, column, facetsOf(frame, 1), point)}`;
            },
            places: ({ column: i }) => placesOf(points.name, points.labels, order[i] ?? 0),
          },
  };
}

/** A path draws ten thousand points as fast as one: each is a line of no length with round ends. */
function Points({ of }: { of: readonly ({ x: number; y: number } | null)[] }) {
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
