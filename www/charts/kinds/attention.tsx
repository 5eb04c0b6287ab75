// Attention as maps, query by key: a triangle, since no query sees what comes after it.

import type { Options } from "../../text/options.ts";
import { visible } from "../../text/plain-text.ts";
import type { Box, Drawing } from "../drawing/drawing.ts";
import { type Axis, type Figure, innerAxes, measure } from "../frame/frame.ts";
import { heatMap } from "./heat-map.tsx";

const SIZES = { least: 16, most: 28, highest: 28 };

/** What a token's name is followed by, as the figure's groups "role" have it: "IO"; "" where it is nothing. */
export function rolesOf({ groups }: Figure): (place: number) => string {
  const roles = groups.find(({ name }) => name === "role");
  return (place) => roles?.labels[roles.of[place] ?? -1] ?? "";
}

/** A token as it is told: "2 Mary (IO)". */
export function withRole(label: string, role: string): string {
  return visible(role === "" ? label : `${label} (${role})`);
}

/** The end of the scale: a pattern's is 1 whatever is drawn of it. */
export function limitOf({ name }: { name: string }): number | undefined {
  return name === "pattern" ? 1 : undefined;
}

export function triangle(figure: Figure, options: Options, width: number): Drawing {
  const { frame } = figure;
  const role = rolesOf(figure);
  const withRoles = (axis: Axis): Axis => ({
    ...axis,
    labels: axis.labels.map((label, i) => withRole(label, role(i))),
  });
  const axes = [...frame.axes.slice(0, -2), ...innerAxes(frame).map(withRoles)];
  const drawing = heatMap({ ...figure, frame: { ...frame, axes } }, options, width, {
    sizes: SIZES,
    limit: limitOf(measure(frame, options.column)),
  });
  const { board } = drawing;
  if (board === null) return drawing;
  const bands = ({ row, column }: { row: number; column: number }) => {
    const spans = [
      [
        { row, column: 0 },
        { row, column: row },
      ],
      [
        { row: column, column },
        { row: board.rows - 1, column },
      ],
    ] as const;
    return column > row ? [] : spans.flatMap(([from, to]) => around(board.boxes(from), board.boxes(to)));
  };
  return {
    ...drawing,
    board: {
      ...board,
      bands,
      // What a query does not see is nothing to point at.
      nearest: ({ row, column }) => ({ row, column: Math.min(row, column) }),
      under: (x, y) => {
        const place = board.under(x, y);
        return place === null || place.column > place.row ? null : place;
      },
    },
  };
}

function around(from: Box[], to: Box[]): Box[] {
  return from.map(({ left, top }, i) => {
    const end = to[i] ?? { left, top, width: 0, height: 0 };
    return { left, top, width: end.left + end.width - left, height: end.top + end.height - top };
  });
}
