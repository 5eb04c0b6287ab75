// Dots and bars: a row for each label, with its interval, and its numbers written beside it.

import { barX, dot, gridX, ruleX, ruleY, text } from "@observablehq/plot";
import { type Drawing, INK, inBoxes, range } from "./drawing.ts";
import { at, endsOf, type Figure, measure, named, percentOf, placesOf, titleOf, valueText } from "./frame.ts";
import { domainOf, formatter } from "./numbers.ts";
import type { Options } from "./options.ts";
import { GRID, numbers, plotted, Raw, rowNames, ZERO } from "./plotted.tsx";
import { widest } from "./room.ts";

const BOTTOM = 40;

interface Row {
  place: number;
  value: number;
}

export function rows({ frame, chart }: Figure, { column: name }: Options, width: number): Drawing {
  // Of several axes the last is the rows'.
  const axis = frame.axes.at(-1) ?? { name: "", labels: [] };
  const column = measure(frame, name);
  const ends = endsOf(frame, column);
  const percent = percentOf(frame, column);
  const places = range(axis.labels.length);
  const found = (of: Parameters<typeof at>[0]): Row[] =>
    places.flatMap((place) => {
      const value = at(of, place);
      return value === null ? [] : [{ place, value }];
    });
  const values = found(column);
  const [lows, highs] = [ends ? found(ends.low) : [], ends ? found(ends.high) : []];
  const known = new Map(highs.map(({ place, value }) => [place, value]));
  const intervals = lows.flatMap(({ place, value: low }) => {
    const high = known.get(place);
    return high === undefined ? [] : [{ place, low, high }];
  });
  const [least, most] = domainOf([...values, ...lows, ...highs].map(({ value }) => value));
  const domain = [Math.min(0, least), Math.max(0, most)] as const;
  const format = formatter(Math.max(-domain[0], domain[1]));
  const written = new Map(
    places.map((place) => {
      const [value, share] = [at(column, place), percent && at(percent, place)];
      return [
        place,
        value === null ? "–" : share === null ? format(value) : `${format(value)} (${share.toFixed(1)}%)`,
      ];
    }),
  );
  const names = rowNames(
    axis.labels.map((label) => named("", label)),
    width,
  );
  const right = Math.ceil(widest([...written.values()])) + 16;
  const high = Math.max(22, names.most + 8);
  const height = places.length * high + BOTTOM;
  const numbersAxis = numbers(domain, width - names.room - right, titleOf(column));
  const bars = chart === "bars";
  const colour = ({ value }: Row) => (value < 0 ? INK.minus : bars && domain[0] < 0 ? INK.plus : INK.accent);
  const { node, y } = plotted({
    width,
    height,
    marginLeft: names.room,
    marginRight: right,
    marginTop: 2,
    marginBottom: BOTTOM - 2,
    x: { ...numbersAxis, labelOffset: 36 },
    y: {
      domain: places,
      label: null,
      padding: bars ? 0.45 : 0,
      tickSize: 0,
      tickFormat: (i: number) => names.lines[i]?.join("\n") ?? "",
    },
    marks: [
      gridX({ ...GRID, ticks: numbersAxis.ticks }),
      bars ? barX(values, { x: "value", y: "place", fill: colour, rx: 1.5 }) : null,
      ruleX([0], ZERO),
      ruleY(intervals, {
        y: "place",
        x1: "low",
        x2: "high",
        stroke: bars ? INK.text : INK.accent,
        strokeWidth: bars ? 1.5 : 2,
      }),
      bars ? null : dot(values, { x: "value", y: "place", r: 4, fill: INK.accent }),
      text(places, {
        y: (place: number) => place,
        text: (place: number) => written.get(place) ?? "",
        frameAnchor: "right",
        textAnchor: "end",
        dx: right - 2,
        fill: INK.text,
      }),
    ],
  });
  const size = { rows: places.length, columns: 1 };
  const boxes = ({ row }: { row: number }) => [{ left: 0, top: y(row) - high / 2, width, height: high }];
  return {
    width,
    height,
    picture: <Raw node={node} />,
    board:
      places.length === 0
        ? null
        : {
            ...size,
            boxes,
            under: inBoxes({ ...size, boxes }),
            say: ({ row }) => `${named(axis.name, axis.labels[row] ?? "")}: ${valueText(frame, column, row)}`,
            places: ({ row }) => placesOf(axis.name, axis.labels, row),
          },
  };
}
