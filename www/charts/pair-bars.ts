// The largest pairs as bars: each one's contribution, normalized by the size of their sum. Marked ones have another colour.

import * as Plot from "@observablehq/plot";
import { INK, plot } from "./theme.ts";

export interface PairBar {
  name: string;
  /** In percent. */
  share: number;
  marked: boolean;
}

const ROW = 17;

export function pairBars(bars: readonly PairBar[], width: number): SVGSVGElement {
  return plot({
    width,
    height: 46 + bars.length * ROW,
    marginLeft: 150,
    marginRight: 14,
    marginTop: 4,
    marginBottom: 40,
    ariaLabel: "Bar chart",
    ariaDescription: `Shares of the score: ${bars.map(({ name, share, marked }) => `${name} ${share.toFixed(1)} %${marked ? ", marked" : ""}`).join("; ")}`,
    x: {
      label: "% of the size of their sum",
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 36,
      ticks: 5,
    },
    y: { domain: bars.map(({ name }) => name), label: null, padding: 0.2, tickSize: 0 },
    marks: [
      Plot.gridX({ stroke: INK.grid, strokeOpacity: 1, ticks: 5 }),
      Plot.barX(bars, {
        x: "share",
        y: "name",
        fill: ({ marked }: PairBar) => (marked ? INK.chosen : INK.edited),
      }),
      Plot.ruleX([0], { stroke: INK.quiet }),
    ],
  });
}
