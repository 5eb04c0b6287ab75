// How values are spread: a series for each label of the first axis, or for each group of one, all in the same bins. One
// below the other, or as outlines over each other.

import { gridY, line, type Markish, rectY, ruleX, ruleY, text } from "@observablehq/plot";
import { small } from "../text/format.ts";
import { binned } from "./bins.ts";
import { type Drawing, INK, inBoxes, range } from "./drawing.ts";
import { at, type Column, type Figure, measure, named, titleOf, words } from "./frame.ts";
import { innerAxes } from "./heat-map.tsx";
import { formatter } from "./numbers.ts";
import type { Options } from "./options.ts";
import { GRID, numbers, plotted, Raw, rowNames, ZERO } from "./plotted.tsx";
import { LINE, widest } from "./room.ts";

const BOTTOM = 40;
/** So many have room for an axis of counts each; more are compared by their shapes. */
const FEW = 3;
/** Dashes tell apart what colours do not. */
const COLOURS = 8;
const DASHES = ["", "7 3", "2 2"];

interface Series {
  name: string;
  values: number[];
}

/** Each label's values, or those of the one that is asked for, split by groups of the last axis's places. */
export function seriesOf(
  { frame, groups }: Figure,
  { series: only, split }: Options,
  column: Column,
): Series[] {
  const [labels, points] = innerAxes(frame);
  const count = points.labels.length;
  const by = groups.find(({ name }) => name === split);
  return labels.labels.flatMap((label, i) => {
    if (only !== undefined && labels.labels.includes(only) && label !== only) return [];
    const name = named(labels.name, label);
    const own = by ?? { labels: [""], of: [] };
    return own.labels
      .map((group, g) => ({
        name:
          [labels.labels.length > 1 && only === undefined ? name : "", group].filter(Boolean).join(", ") ||
          name,
        values: range(count).flatMap((point) => {
          const value = at(column, i * count + point);
          return value !== null && (own.of[point] ?? 0) === g ? [value] : [];
        }),
      }))
      .filter(({ values }) => values.length > 0);
  });
}

export function histogram(figure: Figure, options: Options, width: number): Drawing {
  const column = measure(figure.frame, options.column);
  const bins = binned(seriesOf(figure, options, column));
  const [, points] = innerAxes(figure.frame);
  const { edges, series } = bins;
  const domain = [edges[0] ?? 0, edges.at(-1) ?? 1] as const;
  const overlaid = options.overlaid === true;
  const few = overlaid || series.length <= FEW;
  const names = rowNames(
    series.map(({ name }) => name),
    width,
  );
  const format = formatter(Math.max(...domain.map(Math.abs)));
  const means = series.map(({ mean, count }) => [`mean ${format(mean)}`, `n = ${count}`]);
  const countsAxis = few ? 46 : 0;
  const left = countsAxis + (overlaid ? 0 : names.room);
  const right = overlaid ? 14 : Math.ceil(widest(means.flat())) + 12;
  const row = overlaid ? 220 : Math.max(few ? 96 : 56, names.most + 6);
  const height = 14 + Math.max(1, overlaid ? 1 : series.length) * row + BOTTOM;
  const top = Math.max(1, ...series.flatMap(({ counts }) => counts));
  const bars = series.flatMap(({ counts }, i) =>
    counts.map((count, bin) => ({ i, count, low: edges[bin], high: edges[bin + 1] })),
  );
  const facet = { fy: "i" };
  const beside = { ...facet, fill: INK.text, text: (it: { lines: string[] }) => it.lines.join("\n") };
  const marks: Markish[] = overlaid
    ? series.flatMap(({ counts, mean }, i) => {
        const stroke = { stroke: colourOf(i), strokeDasharray: DASHES[i % DASHES.length] ?? "" };
        const outline = edges.map((edge, bin) => [edge, counts[bin] ?? 0]);
        return [
          line(outline, { curve: "step-after", strokeWidth: 2, ...stroke }),
          ruleX([mean], { ...stroke, strokeWidth: 1, y1: 0, y2: top * 1.06 }),
        ];
      })
    : [
        rectY(bars, { ...facet, x1: "low", x2: "high", y: "count", fill: INK.accent, inset: 0.5 }),
        ruleX(
          series.map(({ mean }, i) => ({ mean, i })),
          { ...facet, x: "mean", stroke: INK.text, strokeWidth: 1.5, strokeDasharray: "3 2" },
        ),
        text(
          names.lines.map((lines, i) => ({ lines, i })),
          { ...beside, frameAnchor: "left", textAnchor: "end", dx: -countsAxis - 8 },
        ),
        text(
          means.map((lines, i) => ({ lines, i })),
          { ...beside, fill: INK.quiet, frameAnchor: "right", textAnchor: "start", dx: 8 },
        ),
      ];
  const countTicks = range(Math.floor(top) + 1).filter((i) => i % Math.max(1, Math.ceil(top / 3)) === 0);
  const { node, x } = plotted({
    width,
    height,
    marginTop: 14,
    marginBottom: BOTTOM,
    marginLeft: left,
    marginRight: right,
    x: { ...numbers(domain, width - left - right, titleOf(column)), labelOffset: 36 },
    y: {
      domain: [0, top * 1.06],
      label: few ? `${words(points.name)}s` : null,
      labelArrow: "none",
      ticks: few ? countTicks : [],
      tickFormat: "d",
    },
    fy: {
      domain: overlaid ? [0] : range(series.length),
      label: null,
      padding: few ? 0.18 : 0.25,
      axis: null,
    },
    marks: [few ? gridY({ ...GRID, ticks: countTicks }) : null, ...marks, ruleY([0], ZERO)],
  });
  const legend = overlaid
    ? legendOf(
        series.map(({ name }, i) => `${name}: ${means[i]?.join(", ")}`),
        height,
      )
    : null;
  const size = { rows: series.length, columns: edges.length - 1 };
  const band = (height - 14 - BOTTOM) / Math.max(1, series.length);
  const boxes = ({ row, column: bin }: { row: number; column: number }) => {
    const [from, to] = [x(edges[bin]), x(edges[bin + 1])];
    return [
      {
        left: from,
        top: overlaid ? 14 : 14 + row * band,
        width: to - from,
        height: overlaid ? row0(height) : band,
      },
    ];
  };
  return {
    width,
    height: height + (legend?.height ?? 0),
    picture: (
      <g>
        <Raw node={node} />
        {legend?.picture}
      </g>
    ),
    board:
      size.rows * size.columns === 0 || column.values.length === 0
        ? null
        : {
            ...size,
            boxes,
            under: inBoxes({ ...size, boxes }),
            say: ({ row, column: bin }) => {
              const { name = "", counts = [], mean = 0 } = series[row] ?? {};
              const range = `${edges[bin]} to ${edges[bin + 1]}`;
              return `${name}, ${range}: ${counts[bin]} ${words(points.name)}s of ${series[row]?.count}, whose mean is ${small(mean)}`;
            },
            places: () => null,
          },
  };
}

function row0(height: number): number {
  return height - 14 - BOTTOM;
}

function colourOf(i: number): string {
  return `var(--series-${i % COLOURS})`;
}

function legendOf(names: readonly string[], top: number) {
  return {
    height: names.length * (LINE + 3) + 4,
    picture: (
      <g>
        {names.map((name, i) => {
          const y = top + (i + 0.5) * (LINE + 3);
          return (
            <g key={name}>
              <line
                x1={46}
                x2={74}
                y1={y}
                y2={y}
                stroke={colourOf(i)}
                stroke-width={2}
                stroke-dasharray={DASHES[i % DASHES.length]}
              />
              <text x={82} y={y + 4}>
                {name}
              </text>
            </g>
          );
        })}
      </g>
    ),
  };
}
