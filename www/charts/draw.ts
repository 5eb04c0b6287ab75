// A figure as a drawing of this width, by its kind of chart.

import type { Drawing } from "./drawing.ts";
import type { Figure } from "./frame.ts";
import { heatMap } from "./heat-map.tsx";
import type { Options } from "./options.ts";
import { rows } from "./rows.tsx";

type Draw = (figure: Figure, options: Options, width: number) => Drawing;

const CHARTS: Partial<Record<Figure["chart"], Draw>> = {
  dots: rows,
  bars: rows,
  heat_map: heatMap,
};

export function draw(figure: Figure, options: Options, width: number): Drawing {
  return (CHARTS[figure.chart] ?? heatMap)(figure, options, width);
}
