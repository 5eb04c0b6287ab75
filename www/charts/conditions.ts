// A bar for each condition: the mean of its rows' values, with the middle half of the rows as a line.

import * as Plot from "@observablehq/plot";
import type { Row } from "../../pkg/cpu/patchbay.js";

export function conditionBars(rows: readonly Row[]): Element {
  const conditions = [...new Set(rows.map((row) => row.condition))];
  const by = { x: "condition", y: "value" };
  const chart = Plot.plot({
    width: 300,
    height: 220,
    marginLeft: 36,
    marginTop: 28,
    style: { background: "none", color: "currentColor", fontSize: "12px" },
    ariaLabel: "Bar chart",
    ariaDescription: `Mean attention score difference, END to IO minus END to S1, for ${conditions.join(", ")}`,
    x: { domain: conditions, label: null, padding: 0.35 },
    y: { label: "score END→IO − END→S1", grid: true, nice: true },
    marks: [
      Plot.barY(rows, Plot.groupX({ y: "mean" }, { ...by, fill: "currentColor", fillOpacity: 0.35 })),
      Plot.ruleX(
        rows,
        Plot.groupX({ y1: "p25", y2: "p75" }, { x: "condition", y1: "value", y2: "value", strokeWidth: 2 }),
      ),
      Plot.ruleY([0]),
    ],
  });
  // The page's Content-Security-Policy allows no styles of the moment; Plot's own rules are in output.css.
  chart.querySelector("style")?.remove();
  return chart;
}
