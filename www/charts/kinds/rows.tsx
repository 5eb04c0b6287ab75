// Dots and bars: a row for each label, with its interval, and its numbers written beside it.

import { barX, dot, gridX, ruleX, ruleY, text } from "@observablehq/plot";
import { type Board, type Drawing, INK, inBoxes, range } from "../drawing/drawing.ts";
import { GRID, numberAxis, plotted, Raw, rowNames, ZERO } from "../drawing/plotted.tsx";
import { widest } from "../drawing/room.ts";
import { at, type Column, endsOf, type Figure, measure, named, percentOf, placesOf } from "../frame/frame.ts";
import { domainOf, formatter, rounded } from "../frame/numbers.ts";
import type { Options } from "../frame/options.ts";
import { valueText } from "../frame/said.ts";

const TOP = 2;
const BOTTOM = 40;

interface Row {
  place: number;
  value: number;
}

export function rows({ frame, chart }: Figure, { column: name }: Options, width: number): Drawing {
  // Of several axes the last is the rows'.
  const axis = frame.axes.at(-1) ?? { name: "", labels: [] };
  const places = range(axis.labels.length);
  const column = measure(frame, name);
  const [ends, percent] = [endsOf(frame, column), percentOf(frame, column)];
  const values: Row[] = places.flatMap((place) => {
    const value = at(column, place);
    return value === null ? [] : [{ place, value }];
  });
  const intervals = places.flatMap((place) => {
    const [low, high] = ends ? [at(ends.low, place), at(ends.high, place)] : [null, null];
    return low === null || high === null ? [] : [{ place, low, high }];
  });
  const drawn = [...values.map(({ value }) => value), ...intervals.flatMap(({ low, high }) => [low, high])];
  const [low, high] = domainOf(drawn);
  // From 0, where all are on one side of it.
  const signed = drawn.some((value) => value < 0);
  const domain = [
    signed || drawn.length === 0 ? low : 0,
    drawn.some((value) => value > 0) ? high : 0,
  ] as const;
  const sizes = values.map(({ value }) => Math.abs(value)).filter((size) => size > 0);
  const format = formatter(Math.max(0, ...sizes), Math.min(...sizes));
  const written = columnTexts(places, column, format);
  const shares = percent ? columnTexts(places, percent, (value) => `${rounded(value, 1)}%`) : [];
  const names = rowNames(
    axis.labels.map((label) => named("", label)),
    width,
  );
  const [besides, besidesShares] = [widest(written) + 16, shares.length > 0 ? widest(shares) + 12 : 0];
  const right = Math.ceil(besides + besidesShares);
  const rowHeight = Math.max(24, names.most + 8);
  const height = TOP + places.length * rowHeight + BOTTOM;
  const scale = numberAxis(domain, width - names.room - right, column);
  const bars = chart === "bars";
  const fill = ({ value }: Row) => (value < 0 ? INK.minus : signed ? INK.plus : INK.accent);
  const interval = bars ? { stroke: INK.text, strokeWidth: 1.5 } : { stroke: INK.accent, strokeWidth: 2 };
  const { node, y } = plotted({
    width,
    height,
    marginLeft: names.room,
    marginRight: right,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: { ...scale, labelOffset: 36 },
    y: {
      type: "band",
      domain: places,
      label: null,
      padding: 0.45,
      tickSize: 0,
      tickFormat: (place: number) => names.lines[place]?.join("\n") ?? "",
    },
    marks: [
      gridX({ ...GRID, ticks: scale.ticks }),
      bars ? barX(values, { x: "value", y: "place", fill, rx: 1.5 }) : null,
      ruleX([0], ZERO),
      ruleY(intervals, { y: "place", x1: "low", x2: "high", ...interval }),
      bars ? null : dot(values, { x: "value", y: "place", r: 4, fill: INK.accent }),
      ...[written, shares].map((texts, i) =>
        text(places.slice(0, texts.length), {
          y: (place: number) => place,
          text: (place: number) => texts[place],
          frameAnchor: "right",
          textAnchor: "end",
          dx: i === 0 ? besides : right,
          fill: i === 0 ? INK.text : INK.quiet,
        }),
      ),
    ],
  });
  const size = { rows: places.length, columns: 1 };
  const boxes: Board["boxes"] = ({ row }) => [
    { left: 0, top: y(row) - rowHeight / 2, width, height: rowHeight },
  ];
  const board: Board = {
    ...size,
    boxes,
    under: inBoxes({ ...size, boxes }),
    say: ({ row }) => `${named(axis.name, axis.labels[row] ?? "")}: ${valueText(frame, column, row)}`,
    places: ({ row }) => placesOf(axis.name, axis.labels, row),
  };
  return { width, height, picture: <Raw node={node} />, board: places.length === 0 ? null : board };
}

function columnTexts(places: readonly number[], column: Column, format: (value: number) => string): string[] {
  return places.map((place) => {
    const value = at(column, place);
    return value === null ? "–" : format(value);
  });
}
