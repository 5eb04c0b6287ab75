// The drawing of a figure on the screen, as wide as there is room, in its turn.

import type { ComponentType } from "preact";
import { useRef } from "preact/hooks";
import type { Figure } from "./frame/frame.ts";
import { isEmpty } from "./kinds/draw.tsx";
import { AttentionChart } from "./screen/attention-chart.tsx";
import { FigureChart, type FigureChartProps } from "./screen/chart.tsx";
import { PairsChart } from "./screen/pairs-chart.tsx";
import { PatternsChart } from "./screen/patterns-chart.tsx";
import { useInTurn, useWidth } from "./screen/seen.ts";
import "./figure.css";

/** Those that are more than a drawing on the screen. */
const DRAWN: { [kind in Figure["chart"]]?: ComponentType<FigureChartProps> } = {
  pairs: PairsChart,
  attention: AttentionChart,
  patterns: PatternsChart,
};

export function FigureDrawing({ figure, options, ...props }: Omit<FigureChartProps, "width">) {
  const host = useRef<HTMLDivElement>(null);
  const drawn = useInTurn(host, figure);
  const width = useWidth(host);
  const Drawn = (drawn && !isEmpty(drawn, options) && DRAWN[drawn.chart]) || FigureChart;
  return (
    <div ref={host} class={drawn ? "" : "figure-awaited"}>
      {drawn && width > 0 && <Drawn figure={drawn} options={options} width={width} {...props} />}
    </div>
  );
}
