// The names beside a plane of pairs: each component's where there is room for it, else each kind's, the heads by layer.

import { svgElement } from "./svg.ts";

/** What the axes take, above and to the left of the plane. */
export const MARGIN = 44;
/** A cell that has room for its own name. */
const ROOMY = 10;
const WORDS = { fill: "currentColor", "font-size": 10 };

export interface Tick {
  name: string;
  /** Components: where it begins, and behind which it ends. */
  from: number;
  to: number;
}

/** `components` as the record has them, `cell` in pixels. */
function ticksOf(components: readonly string[], cell: number): Tick[] {
  if (cell >= ROOMY) return components.map((name, i) => ({ name, from: i, to: i + 1 }));
  const ticks: Tick[] = [];
  components.forEach((component, i) => {
    const name = kindOf(component);
    const last = ticks.at(-1);
    if (last?.name === name) last.to = i + 1;
    else ticks.push({ name, from: i, to: i + 1 });
  });
  return ticks;
}

function kindOf(component: string): string {
  const [, layer] = /^(\d+)\.\d+$/.exec(component) ?? [];
  if (layer !== undefined) return `L${layer}`;
  const [, kind] = /^(MLP|b_O)_\d+$/.exec(component) ?? [];
  return kind === undefined ? "emb." : `${kind}s`;
}

/** Along the top for keys, along the left for queries. */
export function pairAxis(side: "top" | "left", components: readonly string[], cell: number): SVGSVGElement {
  const length = components.length * cell;
  const [width, height] = side === "top" ? [length, MARGIN] : [MARGIN, length];
  const drawn = ticksOf(components, cell).flatMap(({ name, from, to }) => {
    const middle = ((from + to) / 2) * cell;
    const [x, y] = side === "top" ? [middle + 3.5, MARGIN - 5] : [MARGIN - 5, middle + 3.5];
    const turned = side === "top" ? { transform: `rotate(-90 ${x} ${y})` } : { "text-anchor": "end" };
    const end = to * cell;
    const line =
      side === "top"
        ? { x1: end, x2: end, y1: MARGIN - 4, y2: MARGIN }
        : { x1: MARGIN - 4, x2: MARGIN, y1: end, y2: end };
    return [
      svgElement("text", { x, y, ...turned, ...WORDS }, name),
      svgElement("line", { ...line, stroke: "var(--line)" }),
    ];
  });
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  return svgElement("svg", { ...size, class: `axis ${side}`, "aria-hidden": "true" }, ...drawn);
}
