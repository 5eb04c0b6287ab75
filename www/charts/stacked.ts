// Several drawings as one, for a file: each below its name, as many side by side as there is room for, and a scale.

import { LEGEND_HEIGHT, svgLegend } from "./signed.ts";
import { svgElement } from "./svg.ts";
import { wrapped } from "./theme.ts";

const WIDTH = 800;
const GAP = 16;
/** Of a name. */
const LINE = 15;
/** Roughly, of a bold letter. */
const LETTER = 7.2;

export function stacked(
  drawings: readonly { name: string; chart: SVGSVGElement }[],
  limit: number,
): SVGSVGElement {
  const parts: SVGElement[] = [];
  const size = (side: "width" | "height") =>
    Math.max(...drawings.map(({ chart }) => Number(chart.getAttribute(side))));
  const [wide, high] = [size("width"), size("height")];
  const columns = Math.min(drawings.length, Math.max(1, Math.floor((WIDTH + GAP) / (wide + GAP))));
  const names = drawings.map(({ name }) => wrapped(name, Math.floor(wide / LETTER)).split("\n"));
  const above = Math.max(...names.map((lines) => lines.length)) * LINE + 4;
  drawings.forEach(({ chart }, i) => {
    const left = (i % columns) * (wide + GAP);
    const top = Math.floor(i / columns) * (above + high + GAP);
    for (const [line, text] of (names[i] ?? []).entries()) {
      const words = { "font-size": 12, "font-weight": 600, fill: "currentColor" };
      parts.push(svgElement("text", { x: left, y: top + 11 + line * LINE, ...words }, text));
    }
    chart.setAttribute("x", String(left));
    chart.setAttribute("y", String(top + above));
    parts.push(chart);
  });
  const bottom = Math.ceil(drawings.length / columns) * (above + high + GAP);
  const legend = svgLegend(limit, true);
  legend.setAttribute("transform", `translate(0 ${bottom})`);
  const [width, height] = [Math.max(260, columns * (wide + GAP) - GAP), bottom + LEGEND_HEIGHT + 4];
  return svgElement("svg", { width, height, viewBox: `0 0 ${width} ${height}` }, ...parts, legend);
}
