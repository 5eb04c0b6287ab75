// A drawing on the screen, with marks laid over it: what is pointed at or has the keyboard, what is in line with it, and
// what is chosen. A line below says it in words.

import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Options } from "../../text/options.ts";
import type { Board, Box, Drawing } from "../drawing/drawing.ts";
import type { Figure } from "../frame/frame.ts";
import { draw } from "../kinds/draw.tsx";
import { type ExplorerProps, useExplorer } from "./explorer.ts";
import "./chart.css";

/** What every kind of figure is drawn from on the screen. */
export interface FigureChartProps extends ExplorerProps {
  figure: Figure;
  options: Options;
  setOptions: (set: Partial<Options>) => void;
  /** In pixels. */
  width: number;
}

/** As the figure's kind has it. */
export function FigureChart({ figure, options, setOptions: _, width, ...props }: FigureChartProps) {
  const drawing = useMemo(() => draw(figure, options, width), [figure, options, width]);
  return <Chart drawing={drawing} {...props} />;
}

export interface ChartProps extends ExplorerProps {
  drawing: Drawing;
  /** What is too much for the drawing, laid over it. */
  raster?: JSX.Element;
}

export function Chart({ drawing, raster, ...props }: ChartProps) {
  const { width, height, picture, board } = drawing;
  const svg = (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {picture}
    </svg>
  );
  if (board !== null)
    return (
      <Explored board={board} {...props}>
        {svg}
        {raster}
      </Explored>
    );
  return (
    <div class="chart sideways" role="img" aria-label={props.title}>
      {svg}
    </div>
  );
}

function Explored({
  board,
  children,
  ...props
}: ExplorerProps & { board: Board; children: ComponentChildren }) {
  const surface = useRef<HTMLDivElement>(null);
  const { here, stop, chosen, readout, grid, row, cell, pointer } = useExplorer(board, props);
  const [own, ...others] = board.boxes(stop);
  // The keyboard has what it comes to in view, where the chart is wider than its box.
  useLayoutEffect(() => {
    const scroller = surface.current?.parentElement;
    if (!scroller || !here || !own) return;
    const end = own.left + own.width - scroller.clientWidth;
    scroller.scrollLeft = Math.min(own.left, Math.max(scroller.scrollLeft, end));
  }, [here?.row, here?.column]);
  const under = ({ clientX, clientY }: MouseEvent) => {
    const box = surface.current?.getBoundingClientRect();
    return box ? board.under(clientX - box.left, clientY - box.top) : null;
  };
  return (
    <div class="chart sideways">
      <div {...grid} {...pointer(under)} ref={surface} class={`surface ${props.onChoose ? "chooses" : ""}`}>
        {children}
        {here && <Rings kind="band" boxes={board.bands?.(here) ?? []} />}
        {chosen && <Rings kind="chosen" boxes={board.boxes(chosen)} />}
        {here && <Rings kind="here" boxes={others} />}
        <div {...row}>
          <div
            key={cell.id}
            {...cell}
            class={`ring ${here && own ? "here" : "away"}`}
            style={own && styleOf(own)}
          />
        </div>
      </div>
      <Readout text={readout} />
    </div>
  );
}

/** The cell under the keyboard has the same words, so that they are not read twice. */
export function Readout({ text }: { text: string }) {
  return (
    <p class="readout" aria-hidden="true">
      {text}
    </p>
  );
}

function Rings({ kind, boxes }: { kind: string; boxes: Box[] }) {
  return (
    <>
      {boxes.map((box, i) => (
        <div key={i} class={`ring ${kind}`} style={styleOf(box)} />
      ))}
    </>
  );
}

function styleOf({ left, top, width, height, round = false }: Box) {
  const size = { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` };
  return round ? { ...size, borderRadius: "50%" } : size;
}
