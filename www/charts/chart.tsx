// A drawing on the screen: what is pointed at or has the keyboard is marked and said in a line below, what is chosen is
// ringed. For the keyboard it is one stop; arrow keys walk it, Enter chooses.

import type { ComponentChildren, HTMLAttributes } from "preact";
import { useId, useMemo, useRef, useState } from "preact/hooks";
import type { Board, Box, Drawing } from "./drawing.ts";
import { isChosen, type Places } from "./frame.ts";
import { type Place, placeAfter, same } from "./grid.ts";
import "./chart.css";

export interface ChartProps {
  /** For screen readers. */
  title: string;
  drawing: Drawing;
  chosen?: Places | undefined;
  onChoose?: ((places: Places) => void) | undefined;
  /** What is pointed at or has the keyboard; null where nothing is. */
  onPoint?: (place: Place | null) => void;
  /** Without the picture: what is drawn in its place, under the marks. */
  children?: ComponentChildren;
}

export function Chart({ title, drawing, ...props }: ChartProps) {
  const { width, height, picture, board } = drawing;
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  const svg = (
    <svg {...size} aria-hidden="true">
      {picture}
    </svg>
  );
  if (board === null)
    return (
      <div class="chart">
        <div role="img" aria-label={title}>
          {svg}
        </div>
      </div>
    );
  return (
    <Explored title={title} board={board} {...props}>
      {svg}
    </Explored>
  );
}

interface ExploredProps extends Omit<ChartProps, "drawing"> {
  board: Board;
}

/** Anything that has places, with the marks laid over it. */
export function Explored({ title, board, chosen, onChoose, onPoint, children }: ExploredProps) {
  const id = useId();
  const surface = useRef<HTMLDivElement>(null);
  /** Where the pointer or the keyboard is, and where it was last. */
  const [at, setAt] = useState<Place | null>(null);
  const [last, setLast] = useState<Place | null>(null);
  const ringed = useMemo(() => chosenPlace(board, chosen), [board, chosen]);
  const inside = ({ row, column }: Place) => row < board.rows && column < board.columns;
  const known = at !== null && inside(at) ? at : null;
  const stop = known ?? (last !== null && inside(last) ? last : (ringed ?? { row: 0, column: 0 }));
  const said = known ?? ringed;

  const point = (place: Place | null) => {
    if (same(place, at)) return;
    setAt(place);
    if (place !== null) setLast(place);
    onPoint?.(place);
  };
  const choose = (place: Place) => {
    const places = board.places(place);
    if (places !== null) onChoose?.(places);
  };
  const under = ({ clientX, clientY }: MouseEvent) => {
    const box = surface.current?.getBoundingClientRect();
    return box ? board.under(clientX - box.left, clientY - box.top) : null;
  };
  const press = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(stop);
      return;
    }
    const next = placeAfter(event.key, stop, board);
    if (next === null) return;
    event.preventDefault();
    point(next);
  };
  const [own, ...others] = board.boxes(stop);
  const here = `${id}-${stop.row}-${stop.column}`;
  const grid: HTMLAttributes<HTMLDivElement> = {
    role: "grid",
    "aria-label": `${title}${onChoose ? ". Enter chooses." : ""}`,
    "aria-rowcount": board.rows,
    "aria-colcount": board.columns,
    "aria-activedescendant": here,
    tabIndex: 0,
    onPointerMove: (event) => point(under(event)),
    onPointerLeave: () => point(null),
    onFocus: ({ currentTarget }) => currentTarget.matches(":focus-visible") && point(stop),
    onBlur: () => point(null),
    onClick: (event) => {
      const place = under(event);
      if (place === null) return;
      // A finger points at nothing before it taps.
      point(place);
      choose(place);
    },
    onKeyDown: press,
  };
  // Another id at each place, so that screen readers say it anew.
  const cell: HTMLAttributes<HTMLDivElement> = {
    role: "gridcell",
    id: here,
    "aria-colindex": stop.column + 1,
    "aria-selected": same(stop, ringed),
    "aria-label": board.say(stop),
  };
  return (
    <div class="chart">
      <div ref={surface} class={`surface ${onChoose ? "chooses" : ""}`} {...grid}>
        {children}
        {ringed && <Rings kind="chosen" boxes={board.boxes(ringed)} />}
        {known && <Rings kind="here" boxes={others} />}
        <div {...{ role: "row", "aria-rowindex": stop.row + 1 }}>
          <div key={here} {...cell} class={`ring ${known ? "here" : "away"}`} style={own && styleOf(own)} />
        </div>
      </div>
      <p class="readout" aria-hidden="true">
        {said && `${board.say(said)}${same(said, ringed) ? " (chosen)" : ""}`}
      </p>
    </div>
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

/** The first place that says no more than what is chosen. */
function chosenPlace(board: Board, chosen: Places | undefined): Place | null {
  if (chosen === undefined) return null;
  for (let row = 0; row < board.rows; row += 1)
    for (let column = 0; column < board.columns; column += 1) {
      const places = board.places({ row, column });
      if (places !== null && isChosen(places, chosen)) return { row, column };
    }
  return null;
}
