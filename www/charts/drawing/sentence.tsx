// What is said in a drawing's place where there is nothing to draw.

import { type Drawing, INK } from "./drawing.ts";
import { LINE, widest, wrapped } from "./room.ts";

export function sentence(text: string, width: number): Drawing {
  const lines = wrapped(text, width);
  return {
    width: Math.ceil(widest(lines)),
    height: lines.length * LINE + 4,
    picture: (
      <g fill={INK.quiet}>
        {lines.map((line, i) => (
          <text key={line} y={(i + 1) * LINE - 3}>
            {line}
          </text>
        ))}
      </g>
    ),
    board: null,
  };
}
