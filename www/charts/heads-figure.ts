// All heat maps of a sweep as one drawing, for a file: the clean run's, then the changes, each group with its scale.

import { type HeadMap, limitOf } from "../panels/heads-text.ts";
import type { Place } from "./grid.ts";
import { headHeatmap, markHead } from "./heads.ts";
import { LEGEND_HEIGHT, svgLegend } from "./signed.ts";
import { svgElement } from "./svg.ts";

const WIDTH = 780;
const GAP = 16;
const TITLE = 18;
/** Where the cells begin, below their title. */
const LEFT = 34;

export interface HeadsFigure {
  /** As `headGroups` has them. */
  groups: readonly (readonly HeadMap[])[];
  layers: number;
  heads: number;
  marked: Place | null;
}

export function headsFigure({ groups, marked, ...options }: HeadsFigure): SVGSVGElement {
  const parts: SVGElement[] = [];
  let [top, width] = [0, 0];
  for (const maps of groups) {
    const limit = limitOf(maps);
    let [left, height] = [0, 0];
    for (const map of maps) {
      const chart = headHeatmap(map, { ...options, limit });
      markHead(chart, marked);
      const [wide, high] = [chart.width.baseVal.value, chart.height.baseVal.value];
      if (left > 0 && left + wide > WIDTH) {
        top += height + GAP;
        left = 0;
      }
      const title = {
        x: left + LEFT,
        y: top + 11,
        "font-size": 12,
        "font-weight": 600,
        fill: "currentColor",
      };
      parts.push(svgElement("text", title, map.name));
      chart.setAttribute("x", String(left));
      chart.setAttribute("y", String(top + TITLE));
      parts.push(chart);
      // A long name is wider than its map.
      const room = Math.max(wide, LEFT + map.name.length * 6.6);
      left += room + GAP;
      width = Math.max(width, left - GAP);
      height = TITLE + high;
    }
    top += height;
    const legend = svgLegend(limit, true);
    legend.setAttribute("transform", `translate(0 ${top + 4})`);
    parts.push(legend);
    top += LEGEND_HEIGHT + GAP;
  }
  const [full, high] = [Math.ceil(width), top - GAP + 4];
  return svgElement("svg", { width: full, height: high, viewBox: `0 0 ${full} ${high}` }, ...parts);
}
