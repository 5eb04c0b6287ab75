// A plane of pairs, query by key: on the page a canvas with a pixel a cell, since there may be eighty thousand cells;
// for a file an SVG with a path for each strength of colour.

import { MARGIN, pairAxis } from "./pair-axes.ts";
import { svgElement } from "./svg.ts";

export interface Plane {
  name: string;
  values: readonly number[];
  /** Of a side. */
  components: readonly string[];
}

export interface Colouring {
  /** The value of the strongest colour. */
  limit: number;
  /** The share of it below which cells are faint. */
  threshold: number;
}

const FAINT = 0.2;

/** How strong the colour is, from 0 to 1. */
function strengthOf(value: number, { limit, threshold }: Colouring): number {
  const strength = Math.min(1, Math.abs(value) / limit);
  return strength < threshold ? strength * FAINT : strength;
}

/** `canvas` gets the page's colours as they are then. */
export function drawPlane(
  canvas: HTMLCanvasElement,
  { values, components }: Plane,
  colouring: Colouring,
): void {
  const width = components.length;
  canvas.width = width;
  canvas.height = width;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser draws on no canvas");
  const style = getComputedStyle(canvas);
  const [plus, minus] = ["--plus", "--minus"].map((name) => channels(style.getPropertyValue(name)));
  const image = context.createImageData(width, width);
  values.forEach((value, i) => {
    const [red = 0, green = 0, blue = 0] = (value < 0 ? minus : plus) ?? [];
    image.data[i * 4] = red;
    image.data[i * 4 + 1] = green;
    image.data[i * 4 + 2] = blue;
    image.data[i * 4 + 3] = Math.round(strengthOf(value, colouring) * 255);
  });
  context.putImageData(image, 0, 0);
}

/** Of "#rrggbb". */
function channels(colour: string): [number, number, number] {
  const number = Number.parseInt(colour.trim().slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

const STEPS = 20;

export function planeChart({ values, components }: Plane, colouring: Colouring): SVGSVGElement {
  const width = components.length;
  const cell = Math.max(2, Math.floor(380 / width));
  const paths = new Map<string, string[]>();
  values.forEach((value, i) => {
    const step = Math.round(strengthOf(value, colouring) * STEPS);
    if (step === 0) return;
    const key = `${value < 0 ? "minus" : "plus"} ${step}`;
    const found = paths.get(key) ?? [];
    paths.set(key, found);
    found.push(`M${(i % width) * cell} ${Math.floor(i / width) * cell}h${cell}v${cell}h-${cell}z`);
  });
  const size = width * cell;
  const frame = { width: size, height: size, fill: "none", stroke: "var(--line)" };
  const cells = svgElement(
    "g",
    { transform: `translate(${MARGIN} ${MARGIN})` },
    svgElement("rect", frame),
    ...[...paths].map(([key, cells]) => {
      const [sign, step] = key.split(" ");
      return svgElement("path", {
        d: cells.join(""),
        fill: `var(--${sign})`,
        "fill-opacity": Number(step) / STEPS,
      });
    }),
  );
  const [top, left] = [pairAxis("top", components, cell), pairAxis("left", components, cell)];
  top.setAttribute("x", String(MARGIN));
  left.setAttribute("y", String(MARGIN));
  const whole = size + MARGIN;
  return svgElement(
    "svg",
    { width: whole, height: whole, viewBox: `0 0 ${whole} ${whole}` },
    cells,
    top,
    left,
  );
}
