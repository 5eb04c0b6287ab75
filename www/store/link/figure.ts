// A figure's own numbers in a link, for a frame that draws it without a model: rounded, packed, and as little to be trusted as
// the rest of a link. What is read here is drawn and said to be the link's; nothing is computed from it.

import type { Figure } from "../../charts/frame/frame.ts";
import { NamedError } from "../../door/errors.ts";
import { unreadable } from "../../text/plain-text.ts";
import { pack, unpack } from "./pack.ts";

/** Its field in a link. */
export const FIGURE = "figure";

export interface StoredFigure {
  /** The model's name. */
  model: string;
  /** What it is of, in words. */
  about: string;
  figure: Figure;
}

/** Of each number; what is drawn shows no more. */
const DIGITS = 4;
/** Bytes when unpacked: what a link of the most characters unfolds to is far less, unless it was made to unfold. */
const MOST_BYTES = 200_000;
const MOST_CELLS = 20_000;
const MOST = { axes: 6, columns: 30, groups: 10, text: 4000, label: 400 };
const KINDS: readonly Figure["chart"][] = [
  "dots",
  "bars",
  "heat_map",
  "scatter",
  "histogram",
  "components",
  "pairs",
  "circuit",
  "attention",
  "patterns",
];

export function packFigure({ model, about, figure }: StoredFigure): Promise<string> {
  const { name, title, caption, chart, frame, groups } = figure;
  const columns = frame.columns.map((column) => ({ ...column, values: column.values.map(rounded) }));
  const kept = { name, title, caption, chart, frame: { axes: frame.axes, columns }, groups };
  return pack(JSON.stringify({ model, about, figure: kept }));
}

/** Those that a file of JSON cannot say are none. */
function rounded(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(DIGITS));
}

/** Throws BadLink for whatever is not as `packFigure` writes it. */
export async function readFigure(packed: string): Promise<StoredFigure> {
  const { model, about, figure } = objectOf(parsed(await unpack(packed, MOST_BYTES).catch(refuse)), "text");
  return { model: textOf(model, "model"), about: textOf(about, "about"), figure: figureOf(figure) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse("text");
  }
}

function figureOf(found: unknown): Figure {
  const { name, title, caption, chart, frame, groups } = objectOf(found, "figure");
  const kind = KINDS.find((kind) => kind === chart);
  if (kind === undefined) return refuse("chart");
  const { axes, columns } = objectOf(frame, "frame");
  const read = listOf(axes, MOST.axes, "axes").map((axis) => {
    const { name, labels } = objectOf(axis, "axis");
    return { name: labelOf(name), labels: listOf(labels, MOST_CELLS, "labels").map(labelOf) };
  });
  const cells = read.reduce((product, { labels }) => product * labels.length, 1);
  if (cells > MOST_CELLS) return refuse("cells");
  const last = read.at(-1)?.labels.length ?? 0;
  return {
    name: labelOf(name),
    title: textOf(title, "title"),
    caption: textOf(caption, "caption"),
    chart: kind,
    frame: {
      axes: read,
      columns: listOf(columns, MOST.columns, "columns").map((column) => {
        const { name, unit, values } = objectOf(column, "column");
        const numbers = listOf(values, cells, "values").map(numberOf);
        return numbers.length === cells
          ? { name: labelOf(name), unit: labelOf(unit), values: numbers }
          : refuse("values");
      }),
    },
    groups: listOf(groups, MOST.groups, "groups").map((group) => {
      const { name, labels, of } = objectOf(group, "group");
      const named = listOf(labels, MOST_CELLS, "labels").map(labelOf);
      const places = listOf(of, last, "of").map(numberOf);
      const fits = places.every((place) => Number.isInteger(place) && named[place as number] !== undefined);
      return fits && places.length === last
        ? { name: labelOf(name), labels: named, of: places as number[] }
        : refuse("of");
    }),
  };
}

function refuse(what: unknown): never {
  const where = what instanceof Error ? what.message : `unexpected ${what}`;
  throw new NamedError("BadLink", `The figure in this link cannot be read: ${where}.`, { field: FIGURE });
}

function objectOf(found: unknown, what: string): Readonly<Record<string, unknown>> {
  return typeof found === "object" && found !== null && !Array.isArray(found)
    ? (found as Record<string, unknown>)
    : refuse(what);
}

function listOf(found: unknown, most: number, what: string): readonly unknown[] {
  return Array.isArray(found) && found.length <= most ? found : refuse(what);
}

function textOf(found: unknown, what: string, most = MOST.text): string {
  return typeof found === "string" && found.length <= most && unreadable(found) === null
    ? found
    : refuse(what);
}

const labelOf = (found: unknown): string => textOf(found, "label", MOST.label);

function numberOf(found: unknown): number | null {
  return found === null || (typeof found === "number" && Number.isFinite(found)) ? found : refuse("number");
}

/** How far two figures of the same places are apart, at most; null where they are not comparable. */
export function apart(one: Figure, other: Figure): number | null {
  if (JSON.stringify(one.frame.axes) !== JSON.stringify(other.frame.axes)) return null;
  let most = 0;
  for (const { name, values } of one.frame.columns) {
    const like = other.frame.columns.find((column) => column.name === name);
    if (like?.values.length !== values.length) return null;
    for (const [i, value] of values.entries()) {
      const theirs = like.values[i] ?? null;
      if ((value === null) !== (theirs === null)) return null;
      if (value !== null && theirs !== null) most = Math.max(most, Math.abs(value - theirs));
    }
  }
  return most;
}
