// Histograms of several conditions over each other as outlines, and below them each condition's mean with its interval,
// on the same axis and in the same colour: so the names there are the outlines' legend.

import * as Plot from "@observablehq/plot";
import type { Estimate } from "../statistics.ts";
import type { Binned } from "./bins.ts";
import { svgElement } from "./svg.ts";
import { INK, nameAxis, plot, ticksFor } from "./theme.ts";

export type ConditionEstimate = Pick<Estimate, "mean" | "meanInterval"> & { condition: string };

/** Of decompose.css and export.ts. Dashes tell apart what colours do not. */
const SERIES = 8;
const DASHES = ["", "7 3", "2 2"];

const colourOf = (i: number) => `var(--series-${i % SERIES})`;

export function outlines({ edges, groups }: Binned, label: string, width: number): SVGSVGElement {
  const names = nameAxis(
    groups.map(({ name }) => name),
    width,
  );
  return plot({
    width,
    height: 220,
    marginLeft: names.margin,
    marginRight: 14,
    marginTop: 16,
    marginBottom: 40,
    ariaLabel: "Histograms",
    ariaDescription: `Prompts by ${label}: ${groups.map(({ name, mean }) => `${name}, mean ${mean.toFixed(4)}`).join("; ")}`,
    x: {
      label,
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 36,
      ticks: ticksFor(width - names.margin),
      domain: [edges[0], edges.at(-1)],
    },
    y: { label: "prompts", labelArrow: "none", ticks: 4, tickFormat: "d" },
    marks: [
      Plot.gridY({ stroke: INK.grid, strokeOpacity: 1, ticks: 4 }),
      ...groups.map(({ counts }, i) =>
        Plot.line(
          edges.map((edge, bin) => ({ edge, count: counts[bin] ?? 0 })),
          {
            x: "edge",
            y: "count",
            curve: "step-after",
            stroke: colourOf(i),
            strokeWidth: 2,
            strokeDasharray: DASHES[i % DASHES.length] ?? "",
          },
        ),
      ),
      Plot.ruleY([0], { stroke: INK.quiet }),
    ],
  });
}

export function intervals(
  estimates: readonly ConditionEstimate[],
  { edges }: Binned,
  width: number,
): SVGSVGElement {
  const names = estimates.map(({ condition }) => condition);
  const axis = nameAxis(names, width);
  const colours = new Map(names.map((name, i) => [name, colourOf(i)]));
  const stroke = ({ condition }: { condition: string }) => colours.get(condition) ?? INK.text;
  const certain = estimates.flatMap(({ condition, meanInterval }) =>
    meanInterval === null ? [] : [{ condition, ...meanInterval }],
  );
  return plot({
    width,
    height: 30 + names.length * 34,
    marginLeft: axis.margin,
    marginRight: 14,
    marginTop: 4,
    marginBottom: 26,
    ariaLabel: "Means",
    ariaDescription: estimates.map(({ condition, mean }) => `${condition} ${mean.toFixed(4)}`).join(", "),
    x: { label: null, ticks: ticksFor(width - axis.margin), domain: [edges[0], edges.at(-1)] },
    y: { domain: names, label: null, tickSize: 0, tickFormat: axis.format },
    marks: [
      Plot.gridX({ stroke: INK.grid, strokeOpacity: 1, ticks: ticksFor(width - axis.margin) }),
      Plot.ruleY(certain, { y: "condition", x1: "low", x2: "high", stroke, strokeWidth: 3 }),
      Plot.dot(estimates, { x: "mean", y: "condition", fill: stroke, r: 4 }),
    ],
  });
}

/** One below the other. */
export function below(charts: readonly SVGSVGElement[]): SVGSVGElement {
  let [width, top] = [0, 0];
  for (const chart of charts) {
    chart.setAttribute("y", String(top));
    top += Number(chart.getAttribute("height"));
    width = Math.max(width, Number(chart.getAttribute("width")));
  }
  return svgElement("svg", { width, height: top, viewBox: `0 0 ${width} ${top}` }, ...charts);
}
