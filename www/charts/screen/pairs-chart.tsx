// Planes of pairs on the screen: a pixel of a canvas is a pair, made as large as is asked for. All planes scroll as one, and
// the pair that is pointed at is ringed in each; Enter or a click marks it, or takes the mark away.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { columnsFor, roomFor } from "../drawing/facets.tsx";
import { legendOf } from "../drawing/legend.tsx";
import { at } from "../frame/frame.ts";
import { marked, toggled } from "../frame/marks.ts";
import { MARGIN, PairNames, PairTitles, ROOMY } from "../kinds/pair-axes.tsx";
import { type Planes, planesOf } from "../kinds/pairs.tsx";
import { type FigureChartProps, Readout } from "./chart.tsx";
import { useDark } from "./dark.ts";
import { useExplorer } from "./explorer.ts";
import type { Place } from "./grid.ts";
import { paint } from "./raster.ts";
import "./pairs.css";

/** Of a plane's side: with room for names, where that is not too much. */
const LEAST = 220;
const ENOUGH = 360;
const MOST = 620;
const LARGEST = 28;
/** Around a place that is marked. */
const RING = 4;

export function PairsChart({ figure, options, setOptions, width, title }: FigureChartProps) {
  const planes = useMemo(() => planesOf(figure, options), [figure, options]);
  const { rows, columns, column, facets, scale, board } = planes;
  const host = useRef<HTMLDivElement>(null);
  const count = Math.max(rows.labels.length, columns.labels.length, 1);
  const beside = columnsFor(facets.length, MARGIN + Math.max(LEAST, Math.min(ENOUGH, ROOMY * count)), width);
  const room = Math.min(MOST, roomFor(beside, width)) - MARGIN - 6;
  const zoom = Number(options.zoom);
  // Few pairs have room for names whatever the width is: then they scroll.
  const least = count * ROOMY <= ENOUGH ? ROOMY : 1;
  const cell = Math.max(least, Math.min(LARGEST, Math.floor(room / count))) * zoom;
  const marks = useMemo(() => marked(options.marks, rows, columns, column, facets), [planes]);
  const explorer = useExplorer(board, {
    title,
    enter: "marks",
    onChoose: (places) => {
      const [query, key] = [rows, columns].map(({ name, labels }) => labels[places[name] ?? -1]);
      setOptions({ marks: toggled(options.marks, `${query} ${key}`) });
    },
  });
  const { here, stop, readout, grid, row, cell: own, pointer } = explorer;
  const under = (event: MouseEvent): Place | null => {
    const box = event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect() : null;
    if (box === null) return null;
    const place = (offset: number, most: number) =>
      Math.max(0, Math.min(most - 1, Math.floor(offset / cell)));
    return {
      row: place(event.clientY - box.top, rows.labels.length),
      column: place(event.clientX - box.left, columns.labels.length),
    };
  };
  const legend = legendOf(scale, column, width);
  const ringAt = (place: Place) => ({
    left: `${place.column * cell}px`,
    top: `${place.row * cell}px`,
    width: `${cell}px`,
    height: `${cell}px`,
  });
  // The keyboard has what it comes to in view.
  useLayoutEffect(() => {
    for (const scroller of host.current?.querySelectorAll(".plane") ?? []) reveal(scroller, stop, cell);
  }, [stop.row, stop.column, cell]);
  const follow = (from: Element) => {
    for (const other of host.current?.querySelectorAll(".plane") ?? []) {
      other.scrollLeft = from.scrollLeft;
      other.scrollTop = from.scrollTop;
    }
  };
  const [wide, high] = [columns.labels.length * cell, rows.labels.length * cell];
  if (rows.labels.length * columns.labels.length === 0) return null;
  return (
    <div class="chart sideways">
      <div
        class="planes"
        ref={host}
        style={{ gridTemplateColumns: `repeat(${beside}, minmax(0, max-content))` }}
      >
        {facets.map(({ name, from }, i) => (
          <div key={from}>
            <p class="plane-name">{name}</p>
            <div
              class="plane"
              style={{ gridTemplateColumns: `${MARGIN}px max-content` }}
              onScroll={({ currentTarget }) => follow(currentTarget)}
              // The first plane has what the keyboard walks in it.
              {...(cell * count > room && i > 0 && { role: "region", "aria-label": name, tabIndex: 0 })}
            >
              <svg
                class="corner"
                width={MARGIN}
                height={MARGIN}
                viewBox={`-${MARGIN} -${MARGIN} ${MARGIN} ${MARGIN}`}
                aria-hidden="true"
              >
                <PairTitles rows={rows.name} columns={columns.name} />
              </svg>
              <svg
                class="names top"
                width={wide}
                height={MARGIN}
                viewBox={`0 -${MARGIN} ${wide} ${MARGIN}`}
                aria-hidden="true"
              >
                <PairNames side="top" components={columns.labels} cell={cell} />
              </svg>
              <svg
                class="names left"
                width={MARGIN}
                height={high}
                viewBox={`-${MARGIN} 0 ${MARGIN} ${high}`}
                aria-hidden="true"
              >
                <PairNames side="left" components={rows.labels} cell={cell} />
              </svg>
              <div {...pointer(under)} {...(i === 0 ? grid : {})} class="surface pair-sheet">
                <Raster planes={planes} from={from} cell={cell} />
                {marks.places.map((place) => (
                  <div key={`${place.row} ${place.column}`} class="ring chosen" style={ringAt(place)} />
                ))}
                {i === 0 ? (
                  <div {...row}>
                    <div
                      key={own.id}
                      {...own}
                      class={`ring ${here ? "here" : "away"}`}
                      style={ringAt(stop)}
                    />
                  </div>
                ) : (
                  here && <div class="ring here" style={ringAt(here)} />
                )}
              </div>
            </div>
          </div>
        ))}
      </div>
      <svg width={legend.width} height={legend.height} aria-hidden="true">
        {legend.at(0, 0)}
      </svg>
      <Readout text={readout} />
      <p class="hint" role="status">
        {marks.said}
      </p>
    </div>
  );
}

function reveal(scroller: Element, { row, column }: Place, cell: number): void {
  const into = (start: number, size: number, place: number) =>
    Math.min(place * cell, Math.max(start, (place + 1) * cell - size));
  scroller.scrollTop = into(scroller.scrollTop, scroller.clientHeight - MARGIN - RING, row);
  scroller.scrollLeft = into(scroller.scrollLeft, scroller.clientWidth - MARGIN - RING, column);
}

function Raster({ planes, from, cell }: { planes: Planes; from: number; cell: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useDark();
  const [width, height] = [planes.columns.labels.length, planes.rows.labels.length];
  useLayoutEffect(() => {
    const { column, strength } = planes;
    const value = (i: number) => at(column, from + i) ?? 0;
    const signed = (i: number) => strength(value(i)) * Math.sign(value(i));
    if (canvas.current !== null) paint(canvas.current, getComputedStyle(canvas.current), signed);
  }, [planes, from, dark]);
  const size = { width: `${width * cell}px`, height: `${height * cell}px` };
  return <canvas ref={canvas} width={width} height={height} style={size} />;
}
