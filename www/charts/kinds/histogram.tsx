// How values are spread: series in the same bins, one below the other, or as outlines over each other.

import { gridY, line, rectY, ruleX, ruleY, text } from "@observablehq/plot";
import type { VNode } from "preact";
import { small } from "../../text/format.ts";
import { visible } from "../../text/plain-text.ts";
import { type Board, type Drawing, INK, inBoxes, range } from "../drawing/drawing.ts";
import { GRID, numberAxis, type Plotted, plotted, Raw, rowNames, ZERO } from "../drawing/plotted.tsx";
import { cut, LINE, widest, widthOf } from "../drawing/room.ts";
import { type Binned, binned } from "../frame/bins.ts";
import { type Column, type Figure, innerAxes, measure, words } from "../frame/frame.ts";
import { formatter, ticksOf } from "../frame/numbers.ts";
import type { Options } from "../frame/options.ts";
import { seriesOf } from "../frame/series.ts";

const TOP = 20;
const BOTTOM = 40;
/** What an axis of counts takes. */
const COUNTS = 46;
/** So many have room for an axis of counts each; more are compared by their shapes. */
const FEW = 3;
const ROW = { few: 96, many: 56 };
const OVERLAID = 220;
/** Half of a number at the end of the axis. */
const RIGHT = 26;
/** Dashes tell apart what colours do not. */
const COLOURS = 8;
const DASHES = ["", "7 3", "2 2"];
/** Above the highest bar. */
const ROOM = 1.06;

export function histogram(figure: Figure, options: Options, width: number): Drawing {
  const column = measure(figure.frame, options.column);
  const bins = binned(seriesOf(figure, options, column));
  const { edges, series } = bins;
  const domain = [edges[0] ?? 0, edges.at(-1) ?? 1] as const;
  const format = formatter(Math.max(...domain.map(Math.abs)));
  const means = series.map(({ mean, count }) => [`mean ${format(mean)}`, `n = ${count}`]);
  const { name } = innerAxes(figure.frame)[1];
  const counted = name === "" ? "values" : `${words(name)}s`;
  const parts = { bins, domain, means, width, column };
  const { plot, rows, below, counted: right } = options.overlaid ? outlines(parts) : multiples(parts);
  const size = { rows: series.length, columns: edges.length - 1 };
  const boxes: Board["boxes"] = ({ row, column: bin }) => {
    const [from, to] = [plot.x(edges[bin]), plot.x(edges[bin + 1])];
    const { top = TOP, height = 0 } = rows[row] ?? {};
    return [{ left: from, top, width: to - from, height }];
  };
  const board: Board = {
    ...size,
    boxes,
    under: inBoxes({ ...size, boxes }),
    say: ({ row, column: bin }) => {
      const { name = "", counts = [], count = 0, mean = 0 } = series[row] ?? {};
      const from = `${name}, ${edges[bin]} to ${edges[bin + 1]}`;
      return `${from}: ${counts[bin]} of ${count} ${counted}, whose mean is ${small(mean)}`;
    },
    places: () => null,
  };
  return {
    width,
    height: plot.height + (below?.height ?? 0),
    picture: (
      <g>
        <Raw node={plot.node} />
        {right && (
          <text x={Math.max(0, right - 9 - widthOf(counted))} y={12}>
            {cut(counted, width)}
          </text>
        )}
        {below?.picture}
      </g>
    ),
    board: size.rows === 0 ? null : board,
  };
}

interface Parts {
  bins: Binned;
  domain: readonly [number, number];
  means: string[][];
  width: number;
  column: Column;
}

interface Drawn {
  plot: Plotted & { height: number };
  /** Where each series is. */
  rows: { top: number; height: number }[];
  /** To the left of what the axis of counts is named, where there is one. */
  counted: number | undefined;
  below?: { height: number; picture: VNode };
}

function multiples({ bins: { edges, series }, domain, means, width, column }: Parts): Drawn {
  const few = series.length <= FEW;
  const names = rowNames(
    series.map(({ name }) => name),
    width,
  );
  const left = names.room + (few ? COUNTS : 0);
  const right = Math.ceil(widest(means.flat())) + 12;
  const row = Math.max(few ? ROW.few : ROW.many, names.most + 6);
  const height = TOP + Math.max(1, series.length) * row + BOTTOM;
  const counts = countsOf(series);
  const bars = series.flatMap(({ counts }, i) =>
    counts.map((count, bin) => ({ i, count, low: edges[bin], high: edges[bin + 1] })),
  );
  const texts = (lines: readonly string[][]) => lines.map((lines, i) => ({ i, lines: lines.join("\n") }));
  const plot = plotted({
    width,
    height,
    marginTop: TOP,
    marginBottom: BOTTOM,
    marginLeft: left,
    marginRight: right,
    x: { ...numberAxis(domain, width - left - right, column), labelOffset: 36 },
    y: { ...counts, ticks: few ? counts.ticks : [] },
    fy: { domain: range(series.length), label: null, padding: few ? 0.18 : 0.25, axis: null },
    marks: [
      few ? gridY({ ...GRID, ticks: counts.ticks }) : null,
      rectY(bars, { fy: "i", x1: "low", x2: "high", y: "count", fill: INK.accent, inset: 0.5 }),
      ruleX(
        series.map(({ mean }, i) => ({ mean, i })),
        { fy: "i", x: "mean", stroke: INK.text, strokeWidth: 1.5, strokeDasharray: "3 2" },
      ),
      text(texts(names.lines), {
        fy: "i",
        text: "lines",
        frameAnchor: "left",
        textAnchor: "end",
        dx: names.room - 12 - left,
        fill: INK.text,
      }),
      text(texts(means), {
        fy: "i",
        text: "lines",
        frameAnchor: "right",
        textAnchor: "start",
        dx: 8,
        fill: INK.quiet,
      }),
      ruleY([0], ZERO),
    ],
  });
  const rows = series.map((_, i) => ({ top: TOP + i * row, height: row }));
  return { plot: { ...plot, height }, rows, counted: few ? left : undefined };
}

function outlines({ bins: { edges, series }, domain, means, width, column }: Parts): Drawn {
  const height = TOP + OVERLAID + BOTTOM;
  const counts = countsOf(series);
  const plot = plotted({
    width,
    height,
    marginTop: TOP,
    marginBottom: BOTTOM,
    marginLeft: COUNTS,
    marginRight: RIGHT,
    x: { ...numberAxis(domain, width - COUNTS - RIGHT, column), labelOffset: 36 },
    y: counts,
    marks: [
      gridY({ ...GRID, ticks: counts.ticks }),
      ...series.flatMap(({ counts, mean }, i) => {
        const outline = edges.map((edge, bin) => [edge, counts[bin] ?? 0]);
        return [
          line(outline, { curve: "step-after", strokeWidth: 2, ...strokeOf(i) }),
          ruleX([mean], { ...strokeOf(i), strokeWidth: 1 }),
        ];
      }),
      ruleY([0], ZERO),
    ],
  });
  const names = series.map(({ name }, i) => `${visible(name)}: ${means[i]?.join(", ")}`);
  return {
    plot: { ...plot, height },
    rows: series.map(() => ({ top: TOP, height: OVERLAID })),
    counted: COUNTS,
    below: {
      height: names.length * (LINE + 3) + 4,
      picture: <Names names={names} top={height} width={width} />,
    },
  };
}

/** Whole numbers, up to the highest bar. */
function countsOf(series: Binned["series"]) {
  const top = Math.max(1, ...series.flatMap(({ counts }) => counts));
  const ticks = ticksOf([0, top], 3).ticks.filter(Number.isInteger);
  return { domain: [0, top * ROOM], ticks, tickFormat: "d", label: null };
}

function strokeOf(i: number) {
  return { stroke: `var(--series-${i % COLOURS})`, strokeDasharray: DASHES[i % DASHES.length] ?? "" };
}

function Names({ names, top, width }: { names: readonly string[]; top: number; width: number }) {
  return (
    <g>
      {names.map((name, i) => {
        const y = top + (i + 0.5) * (LINE + 3);
        const { stroke, strokeDasharray } = strokeOf(i);
        return (
          <g key={name}>
            <path
              d={`M${COUNTS} ${y}h28`}
              stroke={stroke}
              stroke-width={2}
              stroke-dasharray={strokeDasharray}
            />
            <text x={COUNTS + 36} y={y + 4}>
              {cut(name, width - COUNTS - 36)}
            </text>
          </g>
        );
      })}
    </g>
  );
}
