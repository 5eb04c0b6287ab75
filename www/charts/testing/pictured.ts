// What a drawing shows, for tests: its texts and where they stand, as far as that is known without a browser.

import { h, render } from "preact";
import type { Box, Drawing } from "../drawing/drawing.ts";
import { widthOf } from "../drawing/room.ts";

export function pictured({ width, height, picture }: Drawing): SVGSVGElement {
  const host = document.createElement("div");
  render(h("svg", { width, height }, picture), host);
  return host.firstElementChild as SVGSVGElement;
}

export interface Placed {
  text: string;
  box: Box;
}

/** Every text with the box that it takes at most. */
export function textsOf(svg: Element): Placed[] {
  return [...svg.querySelectorAll("text")].flatMap((text) => {
    const spans = [...text.querySelectorAll("tspan")];
    const lines = (spans.length > 0 ? spans : [text]).map((line) => line.textContent ?? "");
    const said = lines.join(" ").trim();
    return said === "" ? [] : [{ text: said, box: boxOf(text, lines) }];
  });
}

type Matrix = [number, number, number, number, number, number];

function boxOf(text: Element, lines: readonly string[]): Box {
  const inherited = (name: string) => text.closest(`[${name}]`)?.getAttribute(name) ?? "";
  const size = Number.parseFloat(inherited("font-size")) || 12;
  const bold = inherited("font-weight") === "600";
  const width = Math.max(...lines.map((line) => widthOf(line, { size, bold })));
  const anchor = { middle: 0.5, end: 1 }[inherited("text-anchor")] ?? 0;
  const length = (name: string) => {
    const said = (text.querySelector("tspan") ?? text).getAttribute(name) ?? text.getAttribute(name) ?? "0";
    return Number.parseFloat(said) * (said.endsWith("em") ? size : 1);
  };
  const left = length("x") - anchor * width;
  const base = length("y") + (lines.length - 1) * size;
  const [top, bottom] = [base - lines.length * size, base + size * 0.3];
  const corners = [
    [left, top],
    [left + width, top],
    [left, bottom],
    [left + width, bottom],
  ].map(([x = 0, y = 0]) => moved(matrixOf(text), x, y));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [least, highest] = [Math.min(...xs), Math.min(...ys)];
  return { left: least, top: highest, width: Math.max(...xs) - least, height: Math.max(...ys) - highest };
}

function moved([a, b, c, d, e, f]: Matrix, x: number, y: number): [number, number] {
  return [a * x + c * y + e, b * x + d * y + f];
}

/** Of all transforms around an element, and its own. */
function matrixOf(element: Element | null): Matrix {
  if (element === null) return [1, 0, 0, 1, 0, 0];
  const steps = [...(element.getAttribute("transform") ?? "").matchAll(/(\w+)\(([^)]*)\)/g)];
  return steps.reduce((matrix, [, kind, inner = ""]) => {
    const [first = 0, second = 0] = inner.split(/[ ,]+/).map(Number);
    const turn = (first * Math.PI) / 180;
    const own: Matrix =
      kind === "translate"
        ? [1, 0, 0, 1, first, second]
        : kind === "rotate"
          ? [Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), 0, 0]
          : [first, 0, 0, first, 0, 0];
    return times(matrix, own);
  }, matrixOf(element.parentElement));
}

function times([a, b, c, d, e, f]: Matrix, own: Matrix): Matrix {
  const [g, i, j, k, l, m] = own;
  return [a * g + c * i, b * g + d * i, a * j + c * k, b * j + d * k, a * l + c * m + e, b * l + d * m + f];
}
