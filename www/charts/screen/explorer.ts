// What is pointed at or has the keyboard in a chart. For the keyboard it is one stop, a grid of which the cell that one is
// at is there: arrow keys walk it, Enter chooses.

import type { HTMLAttributes } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import type { Board } from "../drawing/drawing.ts";
import { isChosen, type Places } from "../frame/frame.ts";
import { type Place, placeAfter, same } from "./grid.ts";

export interface ExplorerProps {
  /** For screen readers. */
  title: string;
  chosen?: Places | undefined;
  onChoose?: ((places: Places) => void) | undefined;
  /** What Enter does, which calls `onChoose`; else it "chooses". */
  enter?: string;
  /** The arrow keys choose what they come to, and Enter has nothing to do. */
  follows?: boolean | undefined;
  /** What is pointed at or has the keyboard; null when both have left. */
  onPoint?: ((place: Place | null) => void) | undefined;
  /** The pointer says nothing, since something is kept. */
  still?: boolean | undefined;
  /** Lets go of what is kept; false where nothing is. */
  letGo?: (() => boolean) | undefined;
}

export interface Explorer {
  /** What is pointed at or has the keyboard now. */
  here: Place | null;
  /** Where the keyboard is or comes to. */
  stop: Place;
  chosen: Place | null;
  /** What is said of `here`, or else of what is chosen. */
  readout: string;
  /** Of the element that has the keyboard; in it stands a row, and in this the cell. */
  grid: HTMLAttributes<HTMLDivElement>;
  row: HTMLAttributes<HTMLDivElement>;
  /** Another element at each place, so that screen readers say it anew: its id is its key. */
  cell: HTMLAttributes<HTMLDivElement> & { id: string };
  /** Of what is drawn, with what is under an event. */
  pointer: (under: (event: MouseEvent) => Place | null) => HTMLAttributes<HTMLDivElement>;
}

export function useExplorer(
  board: Board,
  { title, chosen, onChoose, enter = "chooses", follows = false, onPoint, still, letGo }: ExplorerProps,
): Explorer {
  const id = useId();
  const [at, setAt] = useState<Place | null>(null);
  const [last, setLast] = useState<Place | null>(null);
  // There may be many places, and the same is chosen for long.
  const ringed = useMemo(() => chosenPlace(board, chosen), [board, JSON.stringify(chosen)]);
  // The drawing may have become another one.
  const within = (place: Place | null) =>
    place !== null && place.row < board.rows && place.column < board.columns
      ? (board.nearest?.(place) ?? place)
      : null;
  const here = within(at);
  const stop = here ?? within(last) ?? ringed ?? { row: 0, column: 0 };
  const name = `${id}-${stop.row}-${stop.column}`;

  const point = (place: Place | null) => {
    if (same(place, at)) return;
    setAt(place);
    if (place === null) return;
    setLast(place);
    onPoint?.(place);
  };
  const leave = () => {
    setAt(null);
    onPoint?.(null);
  };
  const choose = (place: Place) => {
    const places = board.places(place);
    if (places !== null) onChoose?.(places);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    // With the keyboard in here Esc is for what is kept, and not for a run that may be going on.
    if (event.key === "Escape" && letGo?.()) event.stopPropagation();
    const enters = event.key === "Enter" || event.key === " ";
    const next = enters ? stop : within(placeAfter(event.key, stop, board));
    if (next === null) return;
    event.preventDefault();
    point(next);
    if (enters || follows) choose(next);
  };
  const keys = follows ? "The arrow keys choose" : `Enter ${enter}`;
  const said = here ?? ringed;
  return {
    here,
    stop,
    chosen: ringed,
    readout: said === null ? HINT : `${same(said, ringed) ? "Chosen: " : ""}${board.say(said)}`,
    grid: {
      role: "grid",
      "aria-label": `${title}${onChoose ? `. ${keys}.` : ""}`,
      "aria-rowcount": board.rows,
      "aria-colcount": board.columns,
      "aria-activedescendant": name,
      tabIndex: 0,
      onFocus: ({ currentTarget }) => currentTarget.matches(":focus-visible") && point(stop),
      onBlur: leave,
      onKeyDown,
    },
    row: { role: "row", "aria-rowindex": stop.row + 1 },
    cell: {
      id: name,
      role: "gridcell",
      "aria-colindex": stop.column + 1,
      "aria-selected": same(stop, ringed),
      "aria-label": board.say(stop),
    },
    pointer: (under) => ({
      onPointerMove: (event) => still || point(under(event)),
      onPointerLeave: () => still || leave(),
      onClick: (event) => {
        const place = under(event);
        if (place === null) return;
        // A finger points at nothing before it taps.
        point(place);
        choose(place);
      },
    }),
  };
}

const HINT = "Point, tap or use the arrow keys for the numbers.";

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
