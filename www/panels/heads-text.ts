// A sweep in words and numbers: what its heatmaps show, how far it is, and the table beside them.

import type { SweepResult, SweepSpec } from "../../pkg/cpu/patchbay.js";
import { csvText } from "../csv.ts";
import { score } from "../format.ts";
import { identityKey } from "../identity.ts";
import type { PageResult } from "../result.ts";
import type { TableText } from "./table.ts";

export interface HeadValue {
  layer: number;
  head: number;
  value: number;
}

/** One quantity of all heads that are measured. */
export interface HeadMap {
  name: string;
  /** A difference: its sign is printed. */
  change: boolean;
  values: HeadValue[];
}

/** The sweep that a run is one head of. */
export function sweepSpecOf({ spec }: PageResult): SweepSpec {
  const { layer: _layer, head: _head, ...rest } = spec;
  return rest;
}

/** The same for all runs of which one sweep holds. */
export function sweepKey(result: PageResult): string {
  return JSON.stringify([result.model, identityKey(result.origin), sweepSpecOf(result)]);
}

/** The clean run's score, then what every other condition changes about it. */
export function headMaps({ rows }: SweepResult): HeadMap[] {
  const [clean, ...others] = [...new Set(rows.map((row) => row.condition))];
  if (clean === undefined) return [];
  const valuesOf = (condition: string): HeadValue[] =>
    rows
      .filter((row) => row.condition === condition)
      .map(({ layer, head, mean_diff }) => ({ layer, head, value: mean_diff }));
  const before = new Map(valuesOf(clean).map((it) => [headName(it), it.value]));
  const changes = others.map((condition) => ({
    name: `change when ${condition}`,
    change: true,
    values: valuesOf(condition).map((it) => ({
      ...it,
      value: it.value - (before.get(headName(it)) ?? Number.NaN),
    })),
  }));
  return [{ name: clean, change: false, values: valuesOf(clean) }, ...changes];
}

/** By colour scale: the changes are compared with each other, so they share one. */
export function headGroups([clean, ...changes]: readonly HeadMap[]): HeadMap[][] {
  return [clean ? [clean] : [], changes].filter((group) => group.length > 0);
}

export function headName({ layer, head }: { layer: number; head: number }): string {
  return `${layer}.${head}`;
}

export function valueText(value: number, { change }: { change: boolean }): string {
  const text = value.toFixed(2);
  // Rounded to nothing, it has no sign.
  if (Number(text) === 0) return "0.00";
  return change && value > 0 ? `+${text}` : text;
}

/** One head in all maps. */
export function headText(maps: readonly HeadMap[], at: { layer: number; head: number }): string {
  const name = headName(at);
  const parts = maps.flatMap((map) => {
    const found = map.values.find((it) => headName(it) === name);
    return found === undefined ? [] : [`${map.name} ${valueText(found.value, map)}`];
  });
  // Not commas: names of conditions have some.
  return `Head ${name}: ${parts.join(" · ")}`;
}

/** How many prompts each layer has seen; neighbours with the same count share their words. */
export function layersText({ layers, prompts }: SweepResult): string {
  const groups: { from: number; to: number; seen: number }[] = [];
  for (const { layer, prompts: seen } of layers) {
    const last = groups.at(-1);
    if (last?.seen === seen) last.to = layer;
    else groups.push({ from: layer, to: layer, seen });
  }
  const parts = groups.map(({ from, to, seen }) => {
    const which = from === to ? `layer ${from}` : `layers ${from} to ${to}`;
    return `${which}: ${seen} of ${prompts}`;
  });
  return `Prompts seen by ${parts.join(", ")}.`;
}

export function sweepCsv({ experiment, rows }: SweepResult): string {
  const lines = rows.map(({ condition, layer, head, mean_diff }) => [
    experiment,
    condition,
    layer,
    head,
    mean_diff,
  ]);
  return csvText(["experiment", "condition", "layer", "head", "mean_diff"], lines);
}

export function sweepTable({ rows }: SweepResult): TableText {
  const conditions = [...new Set(rows.map((row) => row.condition))];
  const [clean, ...others] = conditions;
  const header = ["head", ...conditions, ...others.map((condition) => `change when ${condition}`)];
  const means = new Map(rows.map((row) => [`${headName(row)} ${row.condition}`, row.mean_diff]));
  const lines = [...new Set(rows.map(headName))].map((name) => {
    const mean = (condition = "") => means.get(`${name} ${condition}`) ?? Number.NaN;
    const changes = others.map((condition) => score(mean(condition) - mean(clean)));
    return [name, ...conditions.map((condition) => score(mean(condition))), ...changes];
  });
  return { header, rows: lines };
}
