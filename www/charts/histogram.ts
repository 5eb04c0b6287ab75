// How the prompts' values are spread: a histogram a group, one below the other, in the same bins.

import * as Plot from "@observablehq/plot";
import type { Binned } from "./bins.ts";
import { INK, nameAxis, plot, ticksFor } from "./theme.ts";

export function histogram({ edges, groups }: Binned, label: string, width: number): SVGSVGElement {
  const names = groups.map(({ name }) => name);
  const bars = groups.flatMap(({ name, counts }) =>
    counts.map((count, i) => ({ name, count, low: edges[i], high: edges[i + 1] })),
  );
  // A few groups have room for an axis of their own; many are compared by their shapes.
  const few = groups.length <= 3;
  const row = few ? 96 : 46;
  const marginTop = 16;
  const marginBottom = 40;
  return plot({
    width,
    height: marginTop + marginBottom + groups.length * row,
    marginTop,
    marginBottom,
    marginLeft: nameAxis(names, width).margin + (few ? 26 : 0),
    marginRight: 92,
    ariaLabel: "Histograms",
    ariaDescription: `Prompts by ${label}: ${groups.map(({ name, prompts, mean }) => `${name}, ${prompts} prompts, mean ${mean.toFixed(4)}`).join("; ")}`,
    x: {
      label,
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 36,
      ticks: ticksFor(width - 160),
      domain: [edges[0], edges.at(-1)],
    },
    y: { label: few ? "prompts" : null, labelArrow: "none", ticks: few ? 3 : [], tickFormat: "d" },
    fy: { domain: names, label: null, padding: few ? 0.18 : 0.25, axis: null },
    marks: [
      few ? Plot.gridY({ stroke: INK.grid, strokeOpacity: 1, ticks: 3 }) : null,
      Plot.rectY(bars, {
        fy: "name",
        x1: "low",
        x2: "high",
        y: "count",
        fill: INK.edited,
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      Plot.ruleY([0], { stroke: INK.quiet }),
      Plot.ruleX(groups, {
        fy: "name",
        x: "mean",
        stroke: INK.text,
        strokeWidth: 1.5,
        strokeDasharray: "3 2",
      }),
      Plot.text(groups, {
        fy: "name",
        text: "name",
        frameAnchor: "left",
        textAnchor: "end",
        dx: few ? -32 : -8,
        fill: INK.text,
      }),
      Plot.text(groups, {
        fy: "name",
        text: ({ mean, prompts }) => `mean ${mean.toFixed(2)}\nn = ${prompts}`,
        frameAnchor: "right",
        textAnchor: "start",
        dx: 8,
        fill: INK.quiet,
      }),
    ],
  });
}
