// Scales and axes of charts whose places are numbers: grid lines, ticks, the column's name, and texts beside rows.

import { type Column, words } from "../frame/frame.ts";
import { ticksOf } from "../frame/numbers.ts";
import { titleOf } from "../frame/said.ts";
import { INK } from "./drawing.ts";
import { cut, FONT_SIZE, LINE, widest, widthOf, wrapped } from "./room.ts";

type Ends = readonly [from: number, to: number];

export interface NumberAxis {
  at: (value: number) => number;
  ticks: { place: number; text: string }[];
}

/** From one of these places in pixels to the other. */
export function axisOf(
  [low, high]: Ends,
  [from, to]: Ends,
  ticks: readonly number[],
  format: (tick: number) => string,
): NumberAxis {
  const at = (value: number) => from + ((value - low) / (high - low)) * (to - from);
  return { at, ticks: ticks.map((tick) => ({ place: at(tick), text: format(tick) })) };
}

/** With as many ticks as have room. */
export function numberAxis(domain: Ends, places: Ends): NumberAxis {
  const length = Math.abs(places[1] - places[0]);
  const { ticks, format } = ticksOf(domain, Math.max(2, Math.min(6, length / 70)));
  return axisOf(domain, places, ticks, format);
}

/** A column's name along an axis of this length; its unit is said with every number that is pointed at. */
export function labelOf(column: Column, length: number): string {
  const title = titleOf(column);
  return widthOf(title) <= length ? title : cut(words(column.name), length);
}

/** Where places of one size begin between these pixels; gaps are shares of the distance from one to the next. */
export function bandsOf(count: number, [from, to]: Ends, gap: number, around = gap) {
  const step = (to - from) / Math.max(1, count - gap + 2 * around);
  const start = from + (to - from - step * (count - gap)) / 2;
  return { size: Math.round(step * (1 - gap)), at: (i: number) => Math.round(start + i * step) };
}

/** What axes are drawn around. */
export interface Field {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

// Lines are half a pixel further, where one of a pixel's width is sharp.

interface AxisBelowProps {
  axis: NumberAxis;
  field: Field;
  label: string;
  /** With lines across the field. */
  lined?: boolean;
}

/** Numbers below a field. */
export function AxisBelow({ axis, field, label, lined = false }: AxisBelowProps) {
  const { left, right, top, bottom } = field;
  const lines = (to: string) => axis.ticks.map(({ place }) => `M${place + 0.5} ${bottom}${to}`).join("");
  return (
    <g text-anchor="middle">
      <path d={lines("v6")} stroke={INK.text} />
      {lined && <path d={lines(`V${top}`)} stroke={INK.grid} />}
      {axis.ticks.map(({ place, text }) => (
        <text key={text} x={place + 0.5} y={bottom + 18}>
          {text}
        </text>
      ))}
      <text x={(left + right) / 2} y={bottom + 36.5}>
        {label}
      </text>
    </g>
  );
}

/** Between a field and the numbers beside it. */
const BESIDE = 8.5;
/** Between numbers and the column's name, which is written upwards. */
const UPWARDS = 5;

/** What the numbers beside a field take. */
const numbersRoom = ({ ticks }: NumberAxis) => BESIDE + widest(ticks.map(({ text }) => text));

/** What they take with the column's name. */
export function besideRoom(axis: NumberAxis): number {
  return Math.ceil(numbersRoom(axis) + UPWARDS + FONT_SIZE);
}

/** Numbers to the left of a field, with lines across it. */
export function AxisBeside({ axis, field, label }: { axis: NumberAxis; field: Field; label?: string }) {
  const { left, right, top, bottom } = field;
  const edge = left - numbersRoom(axis) - UPWARDS;
  const lines = (to: string) => axis.ticks.map(({ place }) => `M${left} ${place + 0.5}${to}`).join("");
  return (
    <g>
      <path d={lines("h-6")} stroke={INK.text} />
      <path d={lines(`H${right}`)} stroke={INK.grid} />
      {axis.ticks.map(({ place, text }) => (
        <Lines key={text} lines={[text]} x={left - BESIDE} y={place} anchor="end" />
      ))}
      {label && (
        <text transform={`translate(${edge} ${(top + bottom) / 2}) rotate(-90)`} text-anchor="middle">
          {label}
        </text>
      )}
    </g>
  );
}

interface LinesProps {
  lines: readonly string[];
  x: number;
  /** The middle of all lines. */
  y: number;
  anchor: "start" | "end";
  fill?: string;
}

export function Lines({ lines, x, y, anchor, fill }: LinesProps) {
  const first = y + 4.34 - ((lines.length - 1) / 2) * FONT_SIZE;
  return (
    <text text-anchor={anchor} fill={fill}>
      {lines.map((line, i) => (
        <tspan key={i} x={x} y={first + i * FONT_SIZE}>
          {line}
        </tspan>
      ))}
    </text>
  );
}

/** Names beside rows, in lines, and the room that they take of a chart of this width. */
export function rowNames(names: readonly string[], width: number) {
  const lines = names.map((name) => wrapped(name, width * 0.38));
  return {
    lines,
    room: Math.ceil(widest(lines.flat())) + 12,
    most: Math.max(1, ...lines.map(({ length }) => length)) * LINE,
  };
}
