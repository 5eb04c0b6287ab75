// A token's nearest tokens in each space, as bars from the nearest down: as long as the cosine, with the token on it.

import * as Plot from "@observablehq/plot";
import { INK, plot, ticksFor } from "./theme.ts";

export interface Neighbour {
  space: string;
  /** From 1. */
  rank: number;
  token: string;
  cosine: number;
}

const ROW = 18;
/** A space's room where all are side by side; else they stand one below the other. */
const LEAST = 150;

export function neighbourBars(neighbours: readonly Neighbour[], width: number): SVGSVGElement {
  const spaces = [...new Set(neighbours.map(({ space }) => space))];
  const ranks = Math.max(0, ...neighbours.map(({ rank }) => rank));
  const beside = width >= spaces.length * LEAST;
  const facet = beside ? { fx: "space" } : { fy: "space" };
  const room = beside ? width / spaces.length : width;
  const domain = { domain: spaces, label: null, padding: 0.22 };
  return plot({
    width,
    height: 60 + (beside ? 1 : spaces.length) * (ranks * ROW + 12),
    marginLeft: 28,
    marginRight: beside ? 14 : 116,
    marginTop: beside ? 22 : 6,
    marginBottom: 38,
    ariaLabel: "Nearest tokens",
    ariaDescription: spaces
      .map((space) => {
        const near = neighbours.filter((it) => it.space === space);
        return `${space}: ${near.map(({ token, cosine }) => `${token} ${cosine.toFixed(3)}`).join(", ")}`;
      })
      .join("; "),
    fx: domain,
    fy: domain,
    x: {
      label: "cosine",
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 34,
      ticks: ticksFor(room - 36),
    },
    y: { label: null, padding: 0.15, tickSize: 0 },
    marks: [
      Plot.barX(neighbours, { ...facet, x: "cosine", y: "rank", fill: INK.edited, fillOpacity: 0.4 }),
      Plot.text(neighbours, { ...facet, x: 0, y: "rank", text: "token", textAnchor: "start", dx: 4 }),
      Plot.ruleX([0], { stroke: INK.quiet }),
    ],
  });
}
