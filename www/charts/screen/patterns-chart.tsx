// The attention of every head on the screen: one canvas for all of them. A click or the arrow keys choose a head.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { at } from "../frame/frame.ts";
import { framed, type Patterns, patternsOf, TOP } from "../kinds/patterns.tsx";
import { Chart, type FigureChartProps } from "./chart.tsx";
import { useDark } from "./dark.ts";
import { paint } from "./raster.ts";

export function PatternsChart({ figure, options, setOptions: _, width, ...props }: FigureChartProps) {
  const found = useMemo(() => patternsOf(figure, options, width), [figure, options, width]);
  const drawing = useMemo(() => framed(figure, found, width, null), [figure, found, width]);
  return <Chart {...props} follows drawing={drawing} raster={<Raster of={found} />} />;
}

function Raster({ of }: { of: Patterns }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useDark();
  useLayoutEffect(() => {
    if (canvas.current !== null) draw(canvas.current, of);
  }, [of, dark]);
  const { left, step, layers, heads } = of;
  const size = { width: heads.labels.length * step.across, height: layers.labels.length * step.down };
  const style = { left: `${left}px`, top: `${TOP}px`, width: `${size.width}px`, height: `${size.height}px` };
  return <canvas class="raster" ref={canvas} style={style} />;
}

/** As sharp as the screen is. Where a cell is no pixel, neighbours run into each other. */
function draw(canvas: HTMLCanvasElement, of: Patterns): void {
  const { layers, heads, queries, keys, column, cell, step, from, strength } = of;
  const [rows, columns] = [layers.labels.length, heads.labels.length];
  const [high, wide] = [queries.labels.length, keys.labels.length];
  const scale = window.devicePixelRatio;
  canvas.width = Math.ceil(columns * step.across * scale);
  canvas.height = Math.ceil(rows * step.down * scale);
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(scale, scale);
  context.imageSmoothingEnabled = cell * scale < 1;
  // A layer's cells, a pixel each, the heads below each other.
  const cells = document.createElement("canvas");
  [cells.width, cells.height] = [wide, columns * high];
  const style = getComputedStyle(canvas);
  for (let layer = 0; layer < rows; layer += 1) {
    paint(cells, style, (i) => strength(at(column, from(layer, 0) + i) ?? 0));
    for (let head = 0; head < columns; head += 1) {
      const [x, y] = [head * step.across, layer * step.down];
      context.drawImage(cells, 0, head * high, wide, high, x, y, wide * cell, high * cell);
    }
  }
}
