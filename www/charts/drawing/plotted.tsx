// Observable Plot, as the page's policy and its files need it: no styles of its own, and a part of a larger picture.

import { type PlotOptions, plot, type Scale } from "@observablehq/plot";
import { type Column, words } from "../frame/frame.ts";
import { ticksOf } from "../frame/numbers.ts";
import { titleOf } from "../frame/said.ts";
import { INK } from "./drawing.ts";
import { cut, FONT_SIZE, LINE, widest, widthOf, wrapped } from "./room.ts";

export interface Plotted {
  node: SVGSVGElement;
  x: (value: unknown) => number;
  y: (value: unknown) => number;
}

export function plotted(options: PlotOptions): Plotted {
  const node = plot(options);
  if (!(node instanceof SVGSVGElement)) throw new Error("expected a plot without legend or caption");
  // The page's Content-Security-Policy allows no styles of the moment, and programs that draw files read none.
  node.querySelector("style")?.remove();
  // What it is is said by the figure around it, and so is the font.
  for (const it of [node, ...node.querySelectorAll("[aria-label], [aria-hidden], [class]")])
    for (const name of ["aria-label", "aria-hidden", "class", "font-family"]) it.removeAttribute(name);
  node.setAttribute("font-size", String(FONT_SIZE));
  node.setAttribute("overflow", "visible");
  const scale = (name: "x" | "y") => {
    const found: Scale | undefined = (node as SVGSVGElement & { scale: (name: string) => Scale }).scale(name);
    return (value: unknown) => {
      const place = Number(found?.apply(value));
      // A band's middle.
      return place + (found?.bandwidth ?? 0) / 2;
    };
  };
  return { node, x: scale("x"), y: scale("y") };
}

/** A node that is no component's, such as a plot. */
export function Raw({ node }: { node: Node }) {
  return <g ref={(group) => group?.replaceChildren(node)} />;
}

export const GRID = { stroke: INK.grid, strokeOpacity: 1 } as const;
export const ZERO = { stroke: INK.quiet } as const;

/** An axis of numbers of this length in pixels, with as many ticks as have room, and its column's name. */
export function numberAxis(domain: readonly [number, number], length: number, column: Column) {
  const { ticks, format } = ticksOf(domain, Math.max(2, Math.min(6, length / 70)));
  const title = titleOf(column);
  // The unit is said with every number that is pointed at.
  const label = widthOf(title) <= length ? title : cut(words(column.name), length);
  return { domain, ticks, tickFormat: format, label, labelAnchor: "center", labelArrow: "none" } as const;
}

/** Names beside rows, in lines, and the room that they take of a chart of this width. */
export function rowNames(
  names: readonly string[],
  width: number,
): { lines: string[][]; room: number; most: number } {
  const lines = names.map((name) => wrapped(name, width * 0.38));
  return {
    lines,
    room: Math.ceil(widest(lines.flat())) + 12,
    most: Math.max(1, ...lines.map(({ length }) => length)) * LINE,
  };
}
