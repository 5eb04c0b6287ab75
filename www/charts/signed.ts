// Colours of values around 0: the sign's, and as strong as the value is large. heads.css has them for light and dark.

import { svgElement } from "./svg.ts";

/** `limit`: the value of the strongest colour. */
export function signedFill(value: number, limit: number) {
  const strength = Math.min(1, Math.abs(value) / limit);
  return { fill: value < 0 ? "var(--minus)" : "var(--plus)", "fill-opacity": Number(strength.toFixed(3)) };
}

/** The end of a scale that maps share. */
export function limitOf(maps: readonly { values: readonly { value: number }[] }[]): number {
  const sizes = maps.flatMap(({ values }) => values.map(({ value }) => Math.abs(value)));
  return Math.max(0, ...sizes.filter(Number.isFinite)) || 1;
}

const STEPS = 20;
const STEP = 6;

export const LEGEND_HEIGHT = 16;

/** The scale for a file: from -limit, or from 0, to limit, in steps that need no gradient. */
export function svgLegend(limit: number, signed: boolean): SVGGElement {
  const first = signed ? -limit : 0;
  const words = { y: 10, "font-size": 11, fill: "var(--figure-quiet)" };
  const left = 44;
  const steps = Array.from({ length: STEPS + 1 }, (_, i) => {
    const value = first + ((limit - first) * i) / STEPS;
    const place = { x: left + i * STEP, y: 1, width: STEP, height: 10 };
    return svgElement("rect", { ...place, ...signedFill(value, limit) });
  });
  return svgElement(
    "g",
    {},
    svgElement("text", { x: left - 6, "text-anchor": "end", ...words }, first === 0 ? "0" : first.toFixed(2)),
    ...steps,
    svgElement("text", { x: left + (STEPS + 1) * STEP + 6, ...words }, limit.toFixed(2)),
  );
}
