// A heatmap, layer by head, as a grid that the keyboard can walk. The colour is that of the sign, and as strong as
// the value is large, so that 0 is the paper's colour in light and in dark.

import * as Plot from "@observablehq/plot";
import { type HeadMap, type HeadValue, headName, valueText } from "../panels/heads-text.ts";
import { type Place, placeOf, setPlace } from "./grid.ts";
import { signedFill } from "./signed.ts";
import { svgElement } from "./svg.ts";

const LEFT = 34;
const BOTTOM = 32;

export interface HeadMapOptions {
  layers: number;
  heads: number;
  /** The value of the strongest colour. */
  limit: number;
}

export function headHeatmap(map: HeadMap, { layers, heads, limit }: HeadMapOptions): SVGSVGElement {
  const roomy = heads <= 4;
  const [wide, high] = roomy ? [52, 40] : [18, 18];
  const place = { x: "head", y: "layer" } as const;
  const chart = Plot.plot({
    width: LEFT + heads * wide + 2,
    height: layers * high + BOTTOM + 4,
    marginLeft: LEFT,
    marginTop: 2,
    marginRight: 2,
    marginBottom: BOTTOM,
    style: { background: "none", color: "currentColor", fontSize: "11px" },
    x: {
      domain: range(heads),
      label: "head",
      labelArrow: false,
      labelAnchor: "center",
      tickSize: 0,
      padding: 0,
    },
    y: {
      domain: range(layers),
      label: "layer",
      labelArrow: false,
      labelAnchor: "center",
      tickSize: 0,
      padding: 0,
    },
    color: { type: "identity" },
    opacity: { type: "identity" },
    marks: [
      Plot.cell(map.values, {
        ...place,
        inset: 1,
        className: "cells",
        fill: ({ value }: HeadValue) => signedFill(value, limit).fill,
        fillOpacity: ({ value }: HeadValue) => signedFill(value, limit)["fill-opacity"],
        stroke: "var(--line)",
      }),
      roomy
        ? Plot.text(map.values, { ...place, text: ({ value }: HeadValue) => valueText(value, map) })
        : null,
    ],
  }) as SVGSVGElement;
  // The page's Content-Security-Policy allows no styles of the moment; Plot's own rules are in heads.css.
  chart.querySelector("style")?.remove();
  makeGrid(chart, map);
  return chart;
}

/**
 * Has a chart that is shown say what `next` says, cell by cell, so that a cell that has the keyboard, or is being
 * clicked, stays. False where they are of other sizes.
 */
export function takeOver(chart: SVGSVGElement, next: SVGSVGElement): boolean {
  const sameSize = ["width", "height"].every((side) => chart.getAttribute(side) === next.getAttribute(side));
  const [cells, coming] = [chart, next].map((it) => it.querySelector("g.cells"));
  if (!sameSize || !cells || !coming) return false;
  for (const part of [...chart.children]) if (part !== cells) part.remove();
  const parts = [...next.children];
  cells.before(...parts.slice(0, parts.indexOf(coming)));
  cells.after(...parts.slice(parts.indexOf(coming) + 1));
  updateRows(cells, coming);
  return true;
}

/** In both, rows stand in the order of their layers, and hold a cell for each head. */
function updateRows(cells: Element, coming: Element): void {
  const layerOf = (row: Element | undefined) =>
    Number(row?.querySelector<SVGElement>("[data-row]")?.dataset.row);
  const next = new Map([...coming.children].map((row) => [layerOf(row), row]));
  for (const row of [...cells.children]) {
    const said = next.get(layerOf(row));
    if (said === undefined) row.remove();
    else for (const [i, cell] of [...said.children].entries()) copyAttributes(cell, row.children[i]);
    next.delete(layerOf(row));
  }
  for (const [layer, row] of next) {
    const above = [...cells.children].find((it) => layerOf(it) > layer) ?? null;
    cells.insertBefore(row, above);
  }
}

function copyAttributes(from: Element, to: Element | undefined): void {
  for (const { name, value } of from.attributes) to?.setAttribute(name, value);
}

/** Marks this head, and no other. */
export function markHead(chart: SVGSVGElement, marked: Place | null): void {
  for (const cell of chart.querySelectorAll("[role=gridcell]")) {
    const place = placeOf(cell);
    const isMarked = marked !== null && place?.row === marked.row && place.column === marked.column;
    cell.setAttribute("aria-selected", String(isMarked));
    cell.setAttribute("stroke", isMarked ? "currentColor" : "var(--line)");
    cell.setAttribute("stroke-width", isMarked ? "2" : "1");
  }
}

/** Plot has drawn a rectangle for each value, in their order; they become the cells of a grid's rows. */
function makeGrid(chart: SVGSVGElement, map: HeadMap): void {
  const cells = chart.querySelector<SVGGElement>("g.cells");
  if (cells === null) throw new Error("expected Plot to draw cells");
  for (const part of chart.children) {
    if (part !== cells) part.setAttribute("aria-hidden", "true");
  }
  chart.setAttribute("role", "presentation");
  cells.setAttribute("role", "grid");
  cells.setAttribute("aria-label", `${map.name}, layers by heads`);
  const rows = new Map<number, SVGGElement>();
  [...cells.children].forEach((cell, i) => {
    const value = map.values[i];
    if (value === undefined || !(cell instanceof SVGElement)) return;
    const row = rows.get(value.layer) ?? svgElement("g", {});
    rows.set(value.layer, row);
    row.setAttribute("role", "row");
    row.append(cell);
    setPlace(cell, { row: value.layer, column: value.head });
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-label", `head ${headName(value)}, ${map.name} ${valueText(value.value, map)}`);
    cell.setAttribute("aria-selected", "false");
  });
  cells.replaceChildren(...rows.values());
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
