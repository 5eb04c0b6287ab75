// What each edit changed: the mean paired difference to clean with its confidence interval, and its share in words.

import * as Plot from "@observablehq/plot";
import { percent } from "../format.ts";
import type { Estimate } from "../statistics.ts";
import { rowsHeight } from "./conditions.ts";
import { INK, nameAxis, plot, ticksFor } from "./theme.ts";

export interface Effect extends Pick<Estimate, "difference" | "differenceInterval" | "percent"> {
  condition: string;
}

/** `effects`: of the conditions behind the clean one. `clean`: its name, whose row says what zero is. */
export function effectDots(clean: string, effects: readonly Effect[], width: number): SVGSVGElement {
  const conditions = [clean, ...effects.map(({ condition }) => condition)];
  const certain = effects.flatMap(({ condition, differenceInterval }) =>
    differenceInterval === null ? [] : [{ condition, ...differenceInterval }],
  );
  const shares = effects.map((effect) => ({ ...effect, share: percent(effect.percent) }));
  const names = nameAxis(conditions, width);
  const ticks = ticksFor(width - names.margin - 64);
  return plot({
    width,
    height: rowsHeight(conditions.length),
    marginLeft: names.margin,
    marginRight: 64,
    marginTop: 4,
    marginBottom: 40,
    ariaLabel: "Dot chart",
    ariaDescription: `Mean difference of the attention score to ${clean}: ${shares.map(({ condition, difference, share }) => `${condition} ${difference.toFixed(4)} (${share})`).join(", ")}`,
    x: {
      label: `attention score, difference to ${clean}`,
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 36,
      nice: true,
      ticks,
    },
    y: { domain: conditions, label: null, padding: 0.4, tickSize: 0, tickFormat: names.format },
    marks: [
      Plot.gridX({ stroke: INK.grid, strokeOpacity: 1, ticks }),
      Plot.ruleX([0], { stroke: INK.quiet }),
      Plot.ruleY(certain, { y: "condition", x1: "low", x2: "high", stroke: INK.edited, strokeWidth: 2 }),
      Plot.tickX(certain, { y: "condition", x: "low", stroke: INK.edited, inset: 5, strokeWidth: 2 }),
      Plot.tickX(certain, { y: "condition", x: "high", stroke: INK.edited, inset: 5, strokeWidth: 2 }),
      Plot.dot([{ condition: clean }], { x: 0, y: "condition", r: 3.5, fill: INK.clean }),
      Plot.dot(effects, { x: "difference", y: "condition", r: 3.5, fill: INK.edited }),
      Plot.text(shares, {
        y: "condition",
        text: "share",
        frameAnchor: "right",
        textAnchor: "end",
        dx: 60,
        fill: INK.text,
      }),
    ],
  });
}
