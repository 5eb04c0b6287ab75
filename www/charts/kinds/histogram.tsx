// How values are spread: series in the same bins, one below the other, or as outlines over each other.

import type { VNode } from "preact";
import { small } from "../../text/format.ts";
import type { Options } from "../../text/options.ts";
import { visible } from "../../text/plain-text.ts";
import {
  AxisBelow,
  AxisBeside,
  axisOf,
  bandsOf,
  type Field,
  Lines,
  labelOf,
  type NumberAxis,
  numberAxis,
  rowNames,
} from "../drawing/axes.tsx";
import { type Board, type Drawing, INK, inBoxes } from "../drawing/drawing.ts";
import { cut, LINE, widest, widthOf } from "../drawing/room.ts";
import { type Binned, binned } from "../frame/bins.ts";
import { type Column, type Figure, innerAxes, measure, words } from "../frame/frame.ts";
import { formatter, ticksOf } from "../frame/numbers.ts";
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
  const {
    x,
    rows,
    counts: left,
    ...drawn
  } = options.layout === "overlaid" ? outlines(parts) : multiples(parts);
  const size = { rows: series.length, columns: edges.length - 1 };
  const boxes: Board["boxes"] = ({ row, column: bin }) => {
    const [from, to] = [x.at(edges[bin] ?? 0), x.at(edges[bin + 1] ?? 0)];
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
    height: drawn.height,
    picture: (
      <g>
        {drawn.picture}
        {left && (
          <text x={Math.max(0, left - 9 - widthOf(counted))} y={12}>
            {cut(counted, width)}
          </text>
        )}
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
  x: NumberAxis;
  height: number;
  picture: VNode;
  /** Where each series is. */
  rows: { top: number; height: number }[];
  /** Where the axis of counts is, if there is one. */
  counts: number | undefined;
}

function multiples({ bins: { edges, series }, domain, means, width, column }: Parts): Drawn {
  const few = series.length <= FEW;
  const names = rowNames(
    series.map(({ name }) => name),
    width,
  );
  const left = names.room + (few ? COUNTS : 0);
  const right = width - Math.ceil(widest(means.flat())) - 12;
  const row = Math.max(few ? ROW.few : ROW.many, names.most + 6);
  const end = TOP + Math.max(1, series.length) * row;
  const x = numberAxis(domain, [left, right]);
  const bands = bandsOf(series.length, [TOP, end], few ? 0.18 : 0.25, 0);
  const fieldOf = (i: number) => ({ left, right, top: bands.at(i), bottom: bands.at(i) + bands.size });
  const picture = (
    <g>
      <AxisBelow axis={x} field={fieldOf(series.length - 1)} label={labelOf(column, right - left)} />
      {series.map(({ mean, counts }, i) => {
        const field = fieldOf(i);
        const { top, bottom } = field;
        const y = countsOf(series, field);
        const bars = counts.map((count, bin) => {
          const [from, to] = [x.at(edges[bin] ?? 0) + 0.5, x.at(edges[bin + 1] ?? 0) - 0.5];
          return count === 0 ? "" : `M${from} ${bottom}V${y.at(count) + 0.5}H${to}V${bottom}z`;
        });
        return (
          <g key={i}>
            {few && <AxisBeside axis={y} field={field} />}
            <path d={bars.join("")} fill={INK.accent} />
            <path
              d={`M${x.at(mean) + 0.5} ${top}V${bottom}`}
              stroke={INK.text}
              stroke-width={1.5}
              stroke-dasharray="3 2"
            />
            <Lines lines={names.lines[i] ?? []} x={names.room - 11.5} y={(top + bottom) / 2} anchor="end" />
            <Lines
              lines={means[i] ?? []}
              x={right + 8.5}
              y={(top + bottom) / 2}
              anchor="start"
              fill={INK.quiet}
            />
            <Base field={field} />
          </g>
        );
      })}
    </g>
  );
  const rows = series.map((_, i) => ({ top: TOP + i * row, height: row }));
  return { x, height: end + BOTTOM, picture, rows, counts: few ? left : undefined };
}

function outlines({ bins: { edges, series }, domain, means, width, column }: Parts): Drawn {
  const field = { left: COUNTS, right: width - RIGHT, top: TOP, bottom: TOP + OVERLAID };
  const { left, right, top, bottom } = field;
  const x = numberAxis(domain, [left, right]);
  const y = countsOf(series, field);
  const names = series.map(({ name }, i) => `${visible(name)}: ${means[i]?.join(", ")}`);
  const picture = (
    <g>
      <AxisBelow axis={x} field={field} label={labelOf(column, right - left)} />
      <AxisBeside axis={y} field={field} />
      {series.map(({ counts, mean }, i) => {
        const steps = counts.map((count, bin) => `V${y.at(count) + 0.5}H${x.at(edges[bin + 1] ?? 0) + 0.5}`);
        return (
          <g key={i} fill="none" {...strokeOf(i)}>
            <path
              d={`M${left + 0.5} ${y.at(counts[0] ?? 0) + 0.5}${steps.join("")}V${bottom + 0.5}`}
              stroke-width={2}
              stroke-linejoin="round"
              stroke-linecap="round"
            />
            <path d={`M${x.at(mean) + 0.5} ${top}V${bottom}`} />
          </g>
        );
      })}
      <Base field={field} />
      <Names names={names} top={bottom + BOTTOM} width={width} />
    </g>
  );
  return {
    x,
    height: bottom + BOTTOM + names.length * (LINE + 3) + 4,
    picture,
    rows: series.map(() => ({ top, height: OVERLAID })),
    counts: COUNTS,
  };
}

/** Whole numbers, up to the highest bar of all. */
function countsOf(series: Binned["series"], { top, bottom }: Field): NumberAxis {
  const most = Math.max(1, ...series.flatMap(({ counts }) => counts));
  const ticks = ticksOf([0, most], 3).ticks.filter(Number.isInteger);
  return axisOf([0, most * ROOM], [bottom, top], ticks, String);
}

/** Where a count is 0. */
function Base({ field: { left, right, bottom } }: { field: Field }) {
  return <path d={`M${left} ${bottom + 0.5}H${right}`} stroke={INK.quiet} />;
}

function strokeOf(i: number) {
  return { stroke: `var(--series-${i % COLOURS})`, "stroke-dasharray": DASHES[i % DASHES.length] ?? "" };
}

function Names({ names, top, width }: { names: readonly string[]; top: number; width: number }) {
  return (
    <g>
      {names.map((name, i) => {
        const y = top + (i + 0.5) * (LINE + 3);
        return (
          <g key={name}>
            <path d={`M${COUNTS} ${y}h28`} stroke-width={2} {...strokeOf(i)} />
            <text x={COUNTS + 36} y={y + 4}>
              {cut(name, width - COUNTS - 36)}
            </text>
          </g>
        );
      })}
    </g>
  );
}
