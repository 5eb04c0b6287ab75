// All heat maps of a sweep as one drawing, for a file: the clean run's, then the changes, each group with its scale.

import type { HeadMap } from "../panels/heads-text.ts";
import type { Place } from "./grid.ts";
import { headHeatmap, markHead } from "./heads.ts";
import { LEGEND_HEIGHT, limitOf, svgLegend } from "./signed.ts";
import { svgElement } from "./svg.ts";
import { wrapped } from "./theme.ts";

const WIDTH = 800;
const GAP = 16;
/** Of a map's name. */
const LINE = 15;
/** Roughly, of a bold letter. */
const LETTER = 7.6;
/** Where the cells begin, below their name. */
const LEFT = 34;

export interface HeadsFigure {
  /** As `headGroups` has them. */
  groups: readonly (readonly HeadMap[])[];
  layers: number;
  heads: number;
  marked: Place | null;
}

export function headsFigure({ groups, marked, layers, heads }: HeadsFigure): SVGSVGElement {
  const parts: SVGElement[] = [];
  let [top, width] = [0, 0];
  for (const maps of groups) {
    const limit = limitOf(maps);
    const charts = maps.map((map) => headHeatmap(map, { layers, heads, limit }));
    const [wide, high] = [sizeOf(charts, "width"), sizeOf(charts, "height")];
    const names = maps.map(({ name }) => wrapped(name, Math.floor((wide - LEFT) / LETTER)).split("\n"));
    const most = Math.max(...names.map((lines) => lines.length));
    const columns = Math.max(1, Math.floor((WIDTH + GAP) / (wide + GAP)));
    const rowHeight = most * LINE + 2 + high;
    for (const [i, chart] of charts.entries()) {
      const left = (i % columns) * (wide + GAP);
      const upper = top + Math.floor(i / columns) * (rowHeight + GAP);
      const lines = names[i] ?? [];
      // Next to the map, where another has more lines.
      const first = upper + (most - lines.length) * LINE;
      parts.push(...lines.map((line, place) => nameLine(line, left, first + place * LINE)));
      markHead(chart, marked);
      chart.setAttribute("x", String(left));
      chart.setAttribute("y", String(upper + most * LINE + 2));
      parts.push(chart);
      width = Math.max(width, left + wide);
    }
    top += Math.ceil(charts.length / columns) * (rowHeight + GAP) - GAP;
    const legend = svgLegend(limit, true);
    legend.setAttribute("transform", `translate(0 ${top + 4})`);
    parts.push(legend);
    top += LEGEND_HEIGHT + GAP;
  }
  const height = top - GAP + 4;
  return svgElement("svg", { width, height, viewBox: `0 0 ${width} ${height}` }, ...parts);
}

function sizeOf(charts: readonly SVGSVGElement[], side: "width" | "height"): number {
  return Math.max(...charts.map((chart) => Number(chart.getAttribute(side))));
}

function nameLine(line: string, left: number, top: number): SVGTextElement {
  const kind = { "font-size": 12, "font-weight": 600, fill: "currentColor" };
  return svgElement("text", { x: left + LEFT, y: top + 11, ...kind }, line);
}
