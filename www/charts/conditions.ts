// A bar for each condition: the mean of its values, with its confidence interval as a line once it is known.

import * as Plot from "@observablehq/plot";
import type { Estimate } from "../statistics.ts";
import { INK, nameAxis, plot, SCORE, ticksFor } from "./theme.ts";

export interface ConditionMean extends Pick<Estimate, "mean" | "meanInterval"> {
  condition: string;
}

export function conditionBars(means: readonly ConditionMean[], width: number): SVGSVGElement {
  const conditions = means.map(({ condition }) => condition);
  const certain = means.flatMap(({ condition, meanInterval }) =>
    meanInterval === null ? [] : [{ condition, ...meanInterval }],
  );
  const names = nameAxis(conditions, width);
  const ticks = ticksFor(width - names.margin - 14);
  return plot({
    width,
    height: rowsHeight(means.length),
    marginLeft: names.margin,
    marginRight: 14,
    marginTop: 4,
    marginBottom: 40,
    ariaLabel: "Bar chart",
    ariaDescription: `Mean over prompts of the ${SCORE}: ${means.map(({ condition, mean }) => `${condition} ${mean.toFixed(4)}`).join(", ")}`,
    x: { label: SCORE, labelAnchor: "center", labelArrow: "none", labelOffset: 36, nice: true, ticks },
    y: { domain: conditions, label: null, padding: 0.4, tickSize: 0, tickFormat: names.format },
    marks: [
      Plot.gridX({ stroke: INK.grid, strokeOpacity: 1, ticks }),
      Plot.barX(means, {
        x: "mean",
        y: "condition",
        fill: ({ condition }) => (condition === conditions[0] ? INK.clean : INK.edited),
      }),
      Plot.ruleY(certain, { y: "condition", x1: "low", x2: "high", stroke: INK.text, strokeWidth: 2 }),
      Plot.tickX(certain, { y: "condition", x: "low", stroke: INK.text, inset: 5, strokeWidth: 2 }),
      Plot.tickX(certain, { y: "condition", x: "high", stroke: INK.text, inset: 5, strokeWidth: 2 }),
      Plot.ruleX([0], { stroke: INK.quiet }),
    ],
  });
}

/** As high as the chart of differences, so that their rows are level side by side. */
export function rowsHeight(rows: number): number {
  return 44 + rows * 36;
}
