// A cell of the grid: which one is open, what it is called, and its numbers prompt by prompt.

import type { PatchResult } from "../../../pkg/cpu/patchbay.js";
import {
  type Axis,
  type Facet,
  type Figure,
  type Frame,
  facetsOf,
  innerAxes,
  measures,
  named,
  type Places,
} from "../../charts/frame/frame.ts";

/** In a map; of several maps in each of them. */
export interface Cell {
  row: number;
  column: number;
}

/** Whether each cell is a head, which is chosen for the whole page. */
export function isOfHeads(frame: Frame): boolean {
  const [rows, columns] = innerAxes(frame);
  return rows.name === "layer" && columns.name === "head";
}

/** By the names of axes, as charts have it. */
export function placesIn(frame: Frame, { row, column }: Cell): Places {
  const [rows, columns] = innerAxes(frame);
  return { ...(rows.name !== "" && { [rows.name]: row }), [columns.name]: column };
}

export function cellAt(frame: Frame, places: Places): Cell | null {
  const [rows, columns] = innerAxes(frame);
  const [row, column] = [rows.name === "" ? 0 : places[rows.name], places[columns.name]];
  const there = row !== undefined && column !== undefined;
  return there && row < rows.labels.length && column < columns.labels.length ? { row, column } : null;
}

/** Such as "9 3", as links have it. */
export function cellOf(frame: Frame, kept: string): Cell | null {
  const [row, column] = kept.split(" ").map(Number);
  const [rows, columns] = innerAxes(frame);
  return cellAt(frame, { [rows.name]: row ?? Number.NaN, [columns.name]: column ?? Number.NaN });
}

/** The one that a rank calls so; of several maps, in whichever it is. */
export function cellNamed(frame: Frame, label: string): Cell | null {
  const [rows, columns] = innerAxes(frame);
  const size = rows.labels.length * columns.labels.length;
  const cells = frame.axes.reduce((product, { labels }) => product * labels.length, 1);
  for (let i = 0; i < cells; i += 1)
    if (nameOf(frame.axes, placesAt(frame.axes, i)) === label) {
      const width = columns.labels.length;
      return { row: Math.floor((i % size) / width), column: i % width };
    }
  return null;
}

/** The places of a cell by its number. */
export function placesAt(axes: readonly Axis[], i: number): Places {
  const places: Record<string, number> = {};
  let rest = i;
  for (const { name, labels } of [...axes].reverse()) {
    places[name] = rest % labels.length;
    rest = Math.floor(rest / labels.length);
  }
  return places;
}

/** As the crate names it: "9.9", "layer 9, S2", "9.9, END", "q of 9.9". */
export function nameOf(axes: readonly Axis[], places: Places): string {
  const label = (name: string) => {
    const axis = axes.find((axis) => axis.name === name);
    return axis && places[name] !== undefined ? axis.labels[places[name]] : undefined;
  };
  const [layer, head] = [label("layer"), label("head")];
  const first =
    layer !== undefined && head !== undefined
      ? `${layer}.${head}`
      : layer !== undefined
        ? `layer ${layer}`
        : undefined;
  const position = label("position");
  const at = label("role") ?? (position === undefined ? undefined : named("position", position));
  const name = [first, at].filter((part) => part !== undefined).join(", ");
  const site = label("site");
  return site === undefined ? name : `${site} of ${name}`;
}

/** Of a cell in each map. */
export function indices(frame: Frame, { row, column }: Cell): { facet: Facet; index: number }[] {
  const [, columns] = innerAxes(frame);
  const inner = Math.min(2, frame.axes.length);
  return facetsOf(frame, inner).map((facet) => ({
    facet,
    index: facet.from + row * columns.labels.length + column,
  }));
}

type Nested = (Nested | number | null)[] | number | null;

function valueAt(nested: Nested, sizes: readonly number[], index: number): number | null {
  let [at, rest]: [Nested, number] = [nested, index];
  for (const [depth] of sizes.entries()) {
    const step = sizes.slice(depth + 1).reduce((product, size) => product * size, 1);
    at = Array.isArray(at) ? (at[Math.floor(rest / step)] ?? null) : null;
    rest %= step;
  }
  return typeof at === "number" ? at : null;
}

const DONE: Record<string, string> = { patch: "patched", zero: "set to zero", mean: "set to its mean" };

/** Every prompt's metric, unedited to the right and edited upwards; of several maps one panel for each. */
export function promptsFigure(result: PatchResult, frame: Frame, cell: Cell): Figure | null {
  const { per_prompt, per_prompt_base: base, axes, spec, unit } = result;
  if (per_prompt === undefined || base === undefined) return null;
  const sizes = axes.map(({ labels }) => labels.length);
  const name = nameOf(frame.axes, placesIn(frame, cell));
  const run = spec.direction === "denoise" ? "corrupted run" : "clean run";
  const done = typeof spec.fill === "string" ? (DONE[spec.fill] ?? "edited") : "edited";
  const places = indices(frame, cell);
  const edited = ({ index }: (typeof places)[number]) =>
    `${nameOf(frame.axes, placesAt(frame.axes, index))} ${done}`;
  return {
    name: "cell",
    title: `${heading(frame, name)}, prompt by prompt`,
    caption: `A dot per prompt: left to right in the ${run} as it is, upwards in the same with the edit. On the diagonal nothing has changed.`,
    chart: "scatter",
    frame: {
      axes: [
        { name: "run", labels: [run, ...places.map(edited)] },
        { name: "prompt", labels: base.map((_, i) => String(i + 1)) },
      ],
      columns: [
        {
          // What was measured comes after what is told of it.
          name: measures(frame).at(-1)?.name ?? "",
          unit,
          values: [
            ...base,
            ...places.flatMap(({ index }) =>
              (per_prompt as Nested[]).map((of: Nested) => valueAt(of, sizes, index)),
            ),
          ],
        },
      ],
    },
    groups: [],
  };
}

/** "Head 9.9", "Layer 9, S2" */
export function heading(frame: Frame, name: string): string {
  return isOfHeads(frame) ? `Head ${name}` : name.charAt(0).toUpperCase() + name.slice(1);
}
