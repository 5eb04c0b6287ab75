// A heat map of components as a grid that the keyboard can walk: the embeddings and the bias in the first row, then a
// row a layer with its heads, and apart from them its MLP and its attention bias.

import { type ComponentMap, type MapShape, valueText } from "../panels/decompose-text.ts";
import { type Place, setPlace } from "./grid.ts";
import { signedFill } from "./signed.ts";
import { svgElement } from "./svg.ts";

const LEFT = 44;
const TOP = 18;
/** Between the first row and the layers, and between the heads and what is no head. */
const GAP = 6;
const BELOW = 16;
const WORDS = { fill: "currentColor", "font-size": 11 };

export function componentHeatmap(map: ComponentMap, shape: MapShape, limit: number): SVGSVGElement {
  const { layers, heads } = shape;
  const roomy = heads <= 4;
  const [wide, high] = roomy ? [52, 34] : [20, 20];
  /** The three cells of the first row have their names in them. */
  const first = Math.max(44, (heads * wide) / 3);
  const boxOf = ({ row, column }: Place) =>
    row === 0
      ? { x: LEFT + column * first, y: TOP, width: first, height: high }
      : {
          x: LEFT + column * wide + (column < heads ? 0 : GAP),
          y: TOP + high + GAP + BELOW + (row - 1) * high,
          width: wide,
          height: high,
        };
  const rows = new Map<number, SVGGElement>();
  const texts: SVGElement[] = [];
  for (const { place, name, value } of map.values.toSorted((a, b) => order(a.place, b.place))) {
    const box = boxOf(place);
    const cell = svgElement("rect", {
      x: box.x + 1,
      y: box.y + 1,
      width: box.width - 2,
      height: box.height - 2,
      ...signedFill(value, limit),
      stroke: "var(--line)",
      role: "gridcell",
      "aria-label": `${name}, ${map.name} ${valueText(value)}`,
    });
    setPlace(cell, place);
    const row = rows.get(place.row) ?? svgElement("g", { role: "row" });
    rows.set(place.row, row);
    row.append(cell);
    if (roomy) texts.push(words(valueText(value, 2), box.x + box.width / 2, box.y + box.height / 2 + 4));
  }
  const names = ["W_E", "W_pos", "bias"].map((name, column) =>
    words(name, LEFT + (column + 0.5) * first, 12),
  );
  if (layers > 0) {
    const top = TOP + high + GAP + 11;
    const column = (i: number) => boxOf({ row: 1, column: i }).x + wide / 2;
    names.push(...range(heads).map((head) => words(String(head), column(head), top)));
    names.push(
      words(roomy ? "MLP" : "M", column(heads), top),
      words(roomy ? "b_O" : "b", column(heads + 1), top),
    );
    names.push(
      ...range(layers).map((layer) => {
        const { y } = boxOf({ row: 1 + layer, column: 0 });
        return words(`L${layer}`, LEFT - 6, y + high / 2 + 4, "end");
      }),
    );
  }
  const grid = svgElement(
    "g",
    { role: "grid", "aria-label": `${map.name}, layers by components` },
    ...rows.values(),
  );
  const width = Math.max(LEFT + (heads + 2) * wide + GAP, LEFT + 3 * first) + 2;
  const height = layers === 0 ? TOP + high + 2 : boxOf({ row: layers, column: 0 }).y + high + 2;
  return svgElement(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "presentation" },
    grid,
    svgElement("g", { "aria-hidden": "true" }, ...names, ...texts),
  );
}

function order(a: Place, b: Place): number {
  return a.row - b.row || a.column - b.column;
}

function words(text: string, x: number, y: number, anchor = "middle"): SVGTextElement {
  return svgElement("text", { x, y, "text-anchor": anchor, ...WORDS }, text);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
