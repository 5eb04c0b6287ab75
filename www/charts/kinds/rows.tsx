// Dots and bars: a row for each label, with its interval, and its numbers written beside it.

import type { Options } from "../../text/options.ts";
import { AxisBelow, bandsOf, Lines, labelOf, numberAxis, rowNames } from "../drawing/axes.tsx";
import { type Board, type Drawing, INK, inBoxes, range } from "../drawing/drawing.ts";
import { widest } from "../drawing/room.ts";
import { at, type Column, endsOf, type Figure, measure, named, percentOf, placesOf } from "../frame/frame.ts";
import { domainOf, formatter, rounded } from "../frame/numbers.ts";
import { valueText } from "../frame/said.ts";

const TOP = 2;
const BOTTOM = 40;

/** The share of a row that is between bars. */
const GAP = 0.45;

export function rows({ frame, chart }: Figure, { column: name }: Options, width: number): Drawing {
  // The last of several axes is the rows'.
  const axis = frame.axes.at(-1) ?? { name: "", labels: [] };
  const places = range(axis.labels.length);
  const column = measure(frame, name);
  const [ends, percent] = [endsOf(frame, column), percentOf(frame, column)];
  const values = places.flatMap((place) => {
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
  const domain = [signed ? low : 0, signed && !drawn.some((value) => value > 0) ? 0 : high] as const;
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
  const field = { left: names.room, right: width - right, top: TOP, bottom: height - BOTTOM };
  const x = numberAxis(domain, [field.left, field.right]);
  const bands = bandsOf(places.length, [field.top, field.bottom], GAP);
  const y = (place: number) => bands.at(place) + bands.size / 2;
  const bars = chart === "bars";
  const fill = (value: number) => (value < 0 ? INK.minus : signed ? INK.plus : INK.accent);
  const interval = bars
    ? { stroke: INK.text, "stroke-width": 1.5 }
    : { stroke: INK.accent, "stroke-width": 2 };
  const picture = (
    <g>
      <AxisBelow lined axis={x} field={field} label={labelOf(column, field.right - field.left)} />
      {bars &&
        values.map(({ place, value }) => (
          <rect
            key={place}
            x={x.at(Math.min(0, value))}
            y={bands.at(place)}
            width={Math.abs(x.at(value) - x.at(0))}
            height={bands.size}
            rx={1.5}
            fill={fill(value)}
          />
        ))}
      <path d={`M${x.at(0) + 0.5} ${field.top}V${field.bottom}`} stroke={INK.quiet} />
      <path
        d={intervals.map(({ place, low, high }) => `M${x.at(low)} ${y(place) + 0.5}H${x.at(high)}`).join("")}
        {...interval}
      />
      {!bars &&
        values.map(({ place, value }) => (
          <circle key={place} cx={x.at(value) + 0.5} cy={y(place) + 0.5} r={4} fill={INK.accent} />
        ))}
      {places.map((place) => (
        <g key={place}>
          <Lines lines={names.lines[place] ?? []} x={field.left - 8.5} y={y(place)} anchor="end" />
          <Lines lines={[written[place] ?? ""]} x={field.right + besides} y={y(place)} anchor="end" />
          {shares[place] && (
            <Lines lines={[shares[place]]} x={width} y={y(place)} anchor="end" fill={INK.quiet} />
          )}
        </g>
      ))}
    </g>
  );
  const size = { rows: places.length, columns: 1 };
  // Where there are few rows, the outer padding takes some of each one's height.
  const step = places.length > 1 ? y(1) - y(0) : rowHeight;
  const boxes: Board["boxes"] = ({ row }) => [{ left: 0, top: y(row) - step / 2, width, height: step }];
  const board: Board = {
    ...size,
    boxes,
    under: inBoxes({ ...size, boxes }),
    say: ({ row }) => `${named(axis.name, axis.labels[row] ?? "")}: ${valueText(frame, column, row)}`,
    places: ({ row }) => placesOf(axis.name, axis.labels, row),
  };
  return { width, height, picture, board: places.length === 0 ? null : board };
}

function columnTexts(places: readonly number[], column: Column, format: (value: number) => string): string[] {
  return places.map((place) => {
    const value = at(column, place);
    return value === null ? "–" : format(value);
  });
}
