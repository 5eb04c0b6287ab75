// All heads of the model, a cell each, a row for each layer. The arrow keys walk them.

import type { HTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import "./heads.css";

/** Layer and head. */
export type Head = readonly [layer: number, head: number];

interface HeadMapProps {
  layers: number;
  heads: number;
  /** Where the keyboard is. */
  at: Head;
  go: (layer: number, head: number) => void;
  isOn: (layer: number, head: number) => boolean;
  /** What Enter, Space and a click do, where that is more than to go there. */
  press?: (layer: number, head: number) => void;
  /** What the keys do, for screen readers. */
  keys: string;
  hint: string;
}

const MOVES: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function HeadMap({ layers, heads, at, go, isOn, press, keys, hint }: HeadMapProps) {
  const id = useId();
  const [layer, head] = at;
  const name = (layer: number, head: number) => `${id}-${layer}-${head}`;
  const grid: HTMLAttributes<HTMLTableElement> = {
    role: "grid",
    "aria-label": `Heads, ${layers} layers of ${heads}. ${keys}`,
    "aria-activedescendant": name(layer, head),
    "aria-multiselectable": press !== undefined,
    tabIndex: 0,
  };
  const cell = (row: number, column: number): HTMLAttributes<HTMLTableCellElement> => ({
    role: "gridcell",
    id: name(row, column),
    class: row === layer && column === head ? "at" : "",
    title: `${row}.${column}`,
    "aria-label": `${row}.${column}`,
    "aria-selected": isOn(row, column),
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const presses = press !== undefined && (event.key === "Enter" || event.key === " ");
    if (!presses && MOVES[event.key] === undefined) return;
    event.preventDefault();
    if (presses) return press(layer, head);
    const [down, right] = MOVES[event.key] ?? [0, 0];
    const next = [layer + down, head + right] as const;
    if (next[0] >= 0 && next[0] < layers && next[1] >= 0 && next[1] < heads) go(...next);
  };
  return (
    <div class="heads">
      <table
        {...grid}
        onKeyDown={onKeyDown}
        onClick={({ target }) => {
          const cell = target instanceof Element ? target.closest("td") : null;
          if (cell === null) return;
          const here = [(cell.parentElement as HTMLTableRowElement).rowIndex, cell.cellIndex] as const;
          go(...here);
          press?.(...here);
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
      <p class="hint">{hint}</p>
    </div>
  );
}

interface HeadsProps {
  layers: number;
  heads: number;
  chosen: Head;
  choose: (layer: number, head: number) => void;
}

/** One of them is chosen, by the arrow keys too. */
export function Heads({ chosen: [layer, head], choose, ...size }: HeadsProps) {
  return (
    <HeadMap
      {...size}
      at={[layer, head]}
      go={choose}
      isOn={(row, column) => row === layer && column === head}
      keys="The arrow keys choose."
      hint={`Head ${layer}.${head}. A row is a layer; the arrow keys go to its neighbours.`}
    />
  );
}
