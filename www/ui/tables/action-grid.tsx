// A list of things with what can be done to each. It is one stop of the Tab key; the arrow keys walk through its buttons,
// and the keyboard stays in it when a thing goes away.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import "./action-grid.css";

export interface ActionRow {
  key: string;
  /** What it is. */
  head: ComponentChildren;
  /** A button or a box to tick each; false where there is none. */
  actions: readonly ComponentChildren[];
  /** The one of them that is in use. */
  current?: boolean;
}

interface ActionGridProps {
  label: string;
  rows: readonly ActionRow[];
  /** Said where there are none. */
  empty: string;
}

export function ActionGrid({ label, rows, empty }: ActionGridProps) {
  const box = useRef<HTMLElement>(null);
  /** Where the keyboard is, or was last: the row and the place in it. */
  const at = useRef({ row: 0, place: 0 });
  const inside = useRef(false);
  const stops = () =>
    [...(box.current?.querySelectorAll("tr") ?? [])].map((row) => [
      ...row.querySelectorAll<HTMLElement>("button, input"),
    ]);
  /** The stop nearest to where the keyboard was. */
  const nearest = (all: HTMLElement[][]) => {
    const row = all[Math.min(at.current.row, all.length - 1)] ?? [];
    return row[Math.min(at.current.place, row.length - 1)];
  };
  useLayoutEffect(() => {
    const all = stops();
    const here = nearest(all);
    for (const stop of all.flat()) stop.tabIndex = stop === here ? 0 : -1;
    // What had the keyboard is not there any more.
    if (inside.current && document.activeElement === document.body) (here ?? box.current)?.focus();
  });
  const place = (target: EventTarget | null) => {
    const all = stops();
    const row = all.findIndex((row) => row.includes(target as HTMLElement));
    return { all, row, place: all[row]?.indexOf(target as HTMLElement) ?? -1 };
  };
  return (
    <section
      class="action-grid"
      ref={box}
      aria-label={label}
      tabIndex={-1}
      onFocusIn={({ target }) => {
        inside.current = true;
        const found = place(target);
        if (found.row < 0) return;
        at.current = found;
        for (const stop of found.all.flat()) stop.tabIndex = stop === target ? 0 : -1;
      }}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget !== null) inside.current = box.current?.contains(relatedTarget as Node) ?? false;
      }}
      onKeyDown={(event) => {
        const found = place(event.target);
        if (found.row < 0) return;
        const move = MOVES[event.key];
        if (move === undefined) return;
        event.preventDefault();
        const row = found.all[found.row + move[0]] ?? [];
        row[Math.max(0, Math.min(found.place + move[1], row.length - 1))]?.focus();
      }}
    >
      {rows.length === 0 ? (
        <p class="hint">{empty}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells the arrow keys walk is a grid.
        <table role="grid" aria-label={label}>
          <tbody>
            {rows.map(({ key, head, actions, current = false }) => (
              <tr key={key} aria-current={current || undefined}>
                <th scope="row">{head}</th>
                {actions.map((action, place) => action !== false && <td key={place}>{action}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const MOVES: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
