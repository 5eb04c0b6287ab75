// All heads of the model, a cell each: the arrow keys go to a head's neighbours and choose them.

import type { HTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import "./heads.css";

interface HeadsProps {
  layers: number;
  heads: number;
  /** Layer and head. */
  chosen: readonly [number, number];
  choose: (layer: number, head: number) => void;
}

const MOVES: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function Heads({ layers, heads, chosen: [layer, head], choose }: HeadsProps) {
  const id = useId();
  const name = (layer: number, head: number) => `${id}-${layer}-${head}`;
  const grid: HTMLAttributes<HTMLTableElement> = {
    role: "grid",
    "aria-label": `Heads, ${layers} layers of ${heads}. The arrow keys choose.`,
    "aria-activedescendant": name(layer, head),
    tabIndex: 0,
  };
  const cell = (row: number, column: number): HTMLAttributes<HTMLTableCellElement> => ({
    role: "gridcell",
    id: name(row, column),
    "aria-label": `${row}.${column}`,
    "aria-selected": row === layer && column === head,
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const [down, right] = MOVES[event.key] ?? [0, 0];
    const next = [layer + down, head + right] as const;
    if (MOVES[event.key] === undefined) return;
    event.preventDefault();
    if (next[0] >= 0 && next[0] < layers && next[1] >= 0 && next[1] < heads) choose(...next);
  };
  return (
    <div class="heads">
      <table
        {...grid}
        onKeyDown={onKeyDown}
        onClick={({ target }) => {
          const cell = target instanceof Element ? target.closest("td") : null;
          if (cell !== null) choose((cell.parentElement as HTMLTableRowElement).rowIndex, cell.cellIndex);
        }}
        style={{ "--heads": heads }}
      >
        <tbody>
          {Array.from({ length: layers }, (_, row) => (
            <tr key={row}>
              {Array.from({ length: heads }, (_, column) => (
                <td key={column} {...cell(row, column)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">
        Head {layer}.{head}. A row is a layer; the arrow keys go to its neighbours.
      </p>
    </div>
  );
}
