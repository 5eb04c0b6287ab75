// One query's attention as a drawing, for a file: the strips of the page, with their tokens in lines.

import type { AttentionResult } from "../../pkg/cpu/patchbay.js";
import {
  comparison,
  type Measure,
  rolesOf,
  type Strip,
  scaleLimit,
  stripsOf,
  tokenText,
} from "../panels/attention-text.ts";
import { LEGEND_HEIGHT, signedFill, svgLegend } from "./signed.ts";
import { type Attributes, svgElement } from "./svg.ts";

const WIDTH = 780;
const CELL = { height: 34, gap: 3, pad: 10, least: 26, letter: 6.9 };
const HEAD = 20;
const GAP = 14;

export function attentionFigure(result: AttentionResult, measure: Measure, query: number): SVGSVGElement {
  const limit = scaleLimit(result, measure, query);
  const parts: SVGElement[] = [];
  let top = 0;
  for (const strip of stripsOf(result, measure, query)) {
    const words = [strip.condition, comparison(strip, result.positions, measure)].filter(Boolean).join(": ");
    parts.push(text(words, 0, top + 12, { "font-size": 12 }));
    const { cells, height } = stripCells(result, strip, limit);
    for (const cell of cells) cell.setAttribute("transform", `translate(0 ${top + HEAD})`);
    parts.push(...cells);
    top += HEAD + height + GAP;
  }
  const legend = svgLegend(limit, measure === "scores");
  legend.setAttribute("transform", `translate(0 ${top})`);
  parts.push(legend);
  const height = top + LEGEND_HEIGHT;
  return svgElement("svg", { width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}` }, ...parts);
}

function stripCells({ tokens, positions }: AttentionResult, { values }: Strip, limit: number) {
  const roles = rolesOf(positions);
  let [left, top] = [0, 0];
  const cells = tokens.map((token, key) => {
    const said = tokenText(token);
    const width = Math.min(WIDTH, Math.max(CELL.least, said.length * CELL.letter + CELL.pad));
    if (left + width > WIDTH) {
      left = 0;
      top += CELL.height + CELL.gap;
    }
    const value = values[key];
    const cell = svgElement(
      "g",
      {},
      svgElement("rect", {
        x: left + 0.5,
        y: top + 0.5,
        width: width - 1,
        height: CELL.height - 1,
        rx: 3,
        stroke: "var(--line)",
        ...(value === undefined ? { fill: "none", "stroke-dasharray": "3 2" } : signedFill(value, limit)),
      }),
      text(said.trim(), left + width / 2, top + 15, { "font-size": 12, "text-anchor": "middle" }),
      text(roles.get(key) ?? "", left + width / 2, top + 28, {
        "font-size": 9.5,
        "font-weight": 600,
        "text-anchor": "middle",
      }),
    );
    left += width + CELL.gap;
    return cell;
  });
  return { cells, height: top + CELL.height };
}

function text(content: string, x: number, y: number, attributes: Attributes): SVGTextElement {
  return svgElement("text", { x, y, fill: "currentColor", ...attributes }, content);
}
