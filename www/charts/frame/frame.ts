// What charts know of a result: numbers by named axes, which of their columns are what, and which parts are beside each other.

import { visible } from "../../text/plain-text.ts";

/** As the crate's `report.rs` and `frame.rs` have them. */
export interface Figure {
  /** For links and names of files: "means". */
  name: string;
  title: string;
  caption: string;
  chart: Kind;
  frame: Frame;
  /** By what the places of the frame's last axis can be told apart. */
  groups: Groups[];
}

type Kind =
  | "dots"
  | "bars"
  | "heat_map"
  | "scatter"
  | "histogram"
  | "components"
  | "pairs"
  | "circuit"
  | "attention"
  | "patterns";

export interface Frame {
  axes: Axis[];
  columns: Column[];
}

export interface Axis {
  name: string;
  labels: string[];
}

export interface Column {
  name: string;
  unit: string;
  /** Row-major over the axes. */
  values: (number | null)[];
}

export interface Groups {
  name: string;
  labels: string[];
  /** Of each place, which of the labels. */
  of: number[];
}

/** Places from 0 by the names of axes: `{prompt: 12}`, `{layer: 9, head: 6}`. */
export type Places = Readonly<Record<string, number>>;

/** A number, or null where there is none, or none that can be drawn. */
export function at({ values }: Pick<Column, "values">, i: number): number | null {
  const value = values[i];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The columns that may be drawn: what was measured, and no ends of intervals, no shares, no counts. */
export function measures({ columns }: Frame): Column[] {
  return columns.filter(({ name }) => !/(^|_)(low|high|percent|count)$/.test(name));
}

/** The column of this name, or else the first. A frame without any is drawn as one of no values. */
export function measure(frame: Frame, name?: string): Column {
  const all = measures(frame);
  return all.find((column) => column.name === name) ?? all[0] ?? { name: "", unit: "", values: [] };
}

/** The interval of a column: `score_low` and `score_high`, or of the first column the only two that end so. */
export function endsOf(frame: Frame, { name }: Column): { low: Column; high: Column } | null {
  const end = (which: "low" | "high") => {
    const ending = frame.columns.filter(
      (column) => column.name.endsWith(`_${which}`) || column.name === which,
    );
    const own = ending.find((column) => column.name === `${name}_${which}`);
    return own ?? (ending.length === 1 && name === measure(frame).name ? ending[0] : undefined);
  };
  const [low, high] = [end("low"), end("high")];
  return low && high ? { low, high } : null;
}

/** What is written beside a column's numbers: `score_percent`, or of the first column `percent`. */
export function percentOf(frame: Frame, { name }: Column): Column | null {
  const names = name === measure(frame).name ? [`${name}_percent`, "percent"] : [`${name}_percent`];
  return frame.columns.find((column) => names.includes(column.name)) ?? null;
}

/** Of how many each number is the mean, where that is told. */
export function countOf({ columns }: Frame): Column | null {
  return columns.find(({ name }) => name === "count") ?? null;
}

/** The largest size of a number, the end of a scale around 0; and whether any is below 0. */
export function scaleOf({ values }: Pick<Column, "values">): { limit: number; signed: boolean } {
  let [limit, signed] = [0, false];
  for (const value of values)
    if (typeof value === "number" && Number.isFinite(value)) {
      limit = Math.max(limit, Math.abs(value));
      signed ||= value < 0;
    }
  return { limit, signed };
}

/** The parts of a frame beside each other: a label for every place of the axes before the last ones. */
export interface Facet {
  name: string;
  /** Where its cells begin in a column. */
  from: number;
}

/** `inner`: how many axes a facet has itself. */
export function facetsOf({ axes }: Frame, inner: number): Facet[] {
  const outer = axes.slice(0, -inner);
  const size = axes.slice(-inner).reduce((product, { labels }) => product * labels.length, 1);
  let names = [""];
  for (const { name, labels } of outer)
    names = names.flatMap((before) =>
      labels.map((label) => [before, named(name, label)].filter(Boolean).join(", ")),
    );
  return names.map((name, i) => ({ name, from: i * size }));
}

/** The last two axes; a frame that has fewer is one of a row, or of a cell. */
export function innerAxes({ axes }: Frame): [Axis, Axis] {
  const [rows, columns] = axes.slice(-2);
  const none = { name: "", labels: [""] };
  if (rows === undefined) return [none, none];
  return columns === undefined ? [none, rows] : [rows, columns];
}

/** The last axis; a frame without any is one of a single place. */
export function lastAxis(frame: Frame): Axis {
  return innerAxes(frame)[1];
}

/** A place of an axis in words: "layer 9", but "clean". */
export function named(axis: string, label: string): string {
  return /^\d+(\.\d+)?$/.test(label) ? `${words(axis)} ${label}`.trim() : visible(label);
}

/** A name of the crate as people read it. */
export function words(name: string): string {
  return visible(name.replaceAll("_", " "));
}

/** What is chosen at a place of an axis. A label such as "9.6" or "9.6@END" names a head, whatever the axis. */
export function placesOf(axis: string, labels: readonly string[], place: number): Places {
  const head = /^(\d+)\.(\d+)(@\S+)?$/.exec(labels[place] ?? "");
  return head ? { layer: Number(head[1]), head: Number(head[2]) } : { [axis]: place };
}

/** Whether all that `places` says of these axes is chosen. */
export function isChosen(places: Places, chosen: Places | undefined): boolean {
  const entries = Object.entries(places);
  return (
    chosen !== undefined && entries.length > 0 && entries.every(([axis, place]) => chosen[axis] === place)
  );
}
