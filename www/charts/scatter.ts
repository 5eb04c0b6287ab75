// A point a prompt: its score in the clean run against that in each other condition, a panel a condition, one scale.

import * as Plot from "@observablehq/plot";
import type { Samples } from "./samples.ts";
import { svgElement } from "./svg.ts";
import { cut, INK, plot } from "./theme.ts";

interface Panel {
  /** Where each prompt is, in the chart's own units. */
  xs: Float64Array;
  ys: Float64Array;
  left: number;
  top: number;
  svg: SVGSVGElement;
}

export type Mark = "chosen" | "looked-at";

export interface Scatter {
  svg: SVGSVGElement;
  /** The prompt whose point is nearest to a place in the chart, within reach of a finger; or null. */
  nearest(x: number, y: number): number | null;
  /** Rings a prompt's point in every panel; null for none. */
  mark(mark: Mark, prompt: number | null): void;
}

const GAP = 16;
const TITLE = 22;
const MARGIN = { left: 50, right: 10, top: 6, bottom: 38 };
const REACH = 22;
/** Bold letters are wider. */
const BOLD = 0.88;
/** Points that lie over each other look darker only across paths, so they are dealt out to a few. */
const PATHS = 8;
const RINGS: Record<Mark, Record<string, string>> = {
  "looked-at": { r: "7", stroke: INK.text, "stroke-width": "1.5" },
  chosen: { r: "5.5", stroke: INK.chosen, "stroke-width": "3" },
};

/** Panel by panel, with a pause after each. `show` gets the chart while it is empty: laid out and painted all at once,
 * ten panels of ten thousand points would hold the page up. */
export function* scatter(
  { conditions, values }: Samples,
  width: number,
  show: (svg: SVGSVGElement) => void,
): Generator<void, Scatter> {
  const [clean = "clean", ...others] = conditions;
  const [cleanValues = [], ...otherValues] = values;
  const columns = columnsFor(others.length, width);
  const side = Math.floor((width - GAP * (columns - 1)) / columns);
  const height = TITLE + side + MARGIN.bottom - MARGIN.left + MARGIN.top;
  const domain = sharedDomain(values);
  const svg = svgElement("svg", {
    width: String(width),
    height: String(Math.ceil(others.length / columns) * height),
    role: "img",
    "aria-label": "Scatter plots",
    "aria-description": `A point a prompt: its score in ${others.join(", ")} against its score in ${clean}`,
  });
  svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
  show(svg);
  const panels: Panel[] = [];
  for (const [i, condition] of others.entries()) {
    const left = (i % columns) * (side + GAP);
    const top = Math.floor(i / columns) * height;
    const frame = panelFrame(clean, condition, domain, side, height - TITLE);
    for (const [name, value] of [
      ["x", left],
      ["y", top + TITLE],
    ] as const)
      frame.svg.setAttribute(name, String(value));
    const title = svgElement("text", {
      x: String(left),
      y: String(top + 14),
      fill: INK.text,
      "font-size": "12",
      "font-weight": "600",
    });
    title.textContent = cut(condition, side * BOLD);
    svg.append(title, frame.svg);
    const xs = Float64Array.from(cleanValues, frame.x);
    const ys = Float64Array.from(otherValues[i] ?? [], frame.y);
    frame.svg.append(...points(xs, ys));
    panels.push({ xs, ys, left, top: top + TITLE, svg: frame.svg });
    yield;
  }
  return {
    svg,
    nearest: (x, y) => nearest(panels, x, y),
    mark: (mark, prompt) => ring(panels, mark, prompt),
  };
}

export function columnsFor(panels: number, width: number): number {
  const fit = Math.max(1, Math.floor((width + GAP) / (width < 520 ? 160 : 225)));
  return Math.max(2, Math.min(fit, panels));
}

/** Of all values, with a little room, so that the diagonal is one and panels can be compared. */
export function sharedDomain(values: readonly (readonly number[])[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of values)
    for (const value of column) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  if (low > high) return [-1, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [low - room, high + room];
}

function panelFrame(
  clean: string,
  condition: string,
  domain: [number, number],
  side: number,
  height: number,
) {
  const label = { labelArrow: "none", domain, ticks: 4 } as const;
  const svg = plot({
    width: side,
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { ...label, label: `score, ${clean}`, labelAnchor: "center", labelOffset: 34 },
    y: { ...label, label: "score", labelAnchor: "center", labelOffset: 46 },
    marks: [
      Plot.gridX({ stroke: INK.grid, strokeOpacity: 1, ticks: 4 }),
      Plot.gridY({ stroke: INK.grid, strokeOpacity: 1, ticks: 4 }),
      Plot.line(
        [domain, domain].map((_, i) => [domain[i], domain[i]] as [number, number]),
        {
          stroke: INK.quiet,
          strokeDasharray: "4 3",
        },
      ),
    ],
  });
  svg.setAttribute("aria-label", condition);
  const scales = svg as SVGSVGElement & { scale(name: "x" | "y"): Plot.Scale | undefined };
  const [x, y] = [scales.scale("x"), scales.scale("y")];
  if (x === undefined || y === undefined) throw new Error("expected a plot with both scales");
  return { svg, x: (value: number) => x.apply(value), y: (value: number) => y.apply(value) };
}

/** A path draws ten thousand points as fast as one: each is a line of no length with round ends. */
function points(xs: Float64Array, ys: Float64Array): SVGPathElement[] {
  const strokes = Array.from({ length: PATHS }, () => "");
  for (let prompt = 0; prompt < xs.length; prompt += 1)
    strokes[prompt % PATHS] += `M${xs[prompt]?.toFixed(1)},${ys[prompt]?.toFixed(1)}h0`;
  const stroke = {
    fill: "none",
    stroke: INK.edited,
    "stroke-width": xs.length > 1000 ? "3" : "5",
    "stroke-linecap": "round",
    "stroke-opacity": "0.6",
  };
  return strokes.filter((d) => d !== "").map((d) => svgElement("path", { d, class: "points", ...stroke }));
}

function nearest(panels: readonly Panel[], x: number, y: number): number | null {
  let [found, least]: [number | null, number] = [null, REACH ** 2];
  for (const { xs, ys, left, top } of panels)
    for (let prompt = 0; prompt < xs.length; prompt += 1) {
      const distance = (left + (xs[prompt] ?? 0) - x) ** 2 + (top + (ys[prompt] ?? 0) - y) ** 2;
      if (distance < least) [found, least] = [prompt, distance];
    }
  return found;
}

function ring(panels: readonly Panel[], mark: Mark, prompt: number | null): void {
  for (const { svg, xs, ys } of panels) {
    svg.querySelector(`.${mark}`)?.remove();
    const [x, y] = prompt === null ? [] : [xs[prompt], ys[prompt]];
    if (x === undefined || y === undefined) continue;
    svg.append(
      svgElement("circle", { class: mark, cx: String(x), cy: String(y), fill: "none", ...RINGS[mark] }),
    );
  }
}
