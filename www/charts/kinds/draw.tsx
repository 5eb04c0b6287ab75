// A figure as a drawing of this width, by its kind of chart.

import type { Options } from "../../text/options.ts";
import type { Drawing } from "../drawing/drawing.ts";
import { sentence } from "../drawing/sentence.tsx";
import { at, type Figure, measure } from "../frame/frame.ts";
import { triangle } from "./attention.tsx";
import { circuit } from "./circuit.tsx";
import { components } from "./components.tsx";
import { heatMap } from "./heat-map.tsx";
import { histogram } from "./histogram.tsx";
import { pairs } from "./pairs.tsx";
import { patterns } from "./patterns.tsx";
import { rows } from "./rows.tsx";
import { scatter } from "./scatter.tsx";
import { strips } from "./strips.tsx";

type Draw = (figure: Figure, options: Options, width: number) => Drawing;

const CHARTS: Record<Figure["chart"], Draw> = {
  dots: rows,
  bars: rows,
  heat_map: heatMap,
  scatter,
  histogram,
  components,
  pairs,
  circuit,
  attention: (figure, options, width) =>
    (options.view === "strips" ? strips : triangle)(figure, options, width),
  patterns,
};

export function draw(figure: Figure, options: Options, width: number): Drawing {
  if (isEmpty(figure, options)) return sentence("There are no numbers to draw.", width);
  // A kind that this page does not know yet is shown as a map: any frame can be.
  return (CHARTS[figure.chart] ?? heatMap)(figure, options, width);
}

/** Whether there is no number to draw. */
export function isEmpty({ frame }: Figure, { column }: Options): boolean {
  const shown = measure(frame, column);
  return !shown.values.some((_, i) => at(shown, i) !== null);
}
