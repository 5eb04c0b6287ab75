// Cells that one can point at or reach with arrow keys. One of them is in the tab order: the one that was used last.

export interface Place {
  row: number;
  column: number;
}

/** Where an arrow key leads to from here, in a grid whose last row and column are given; null for other keys. */
export function placeAfter(key: string, { row, column }: Place, last: Place): Place | null {
  switch (key) {
    case "ArrowLeft":
      return { row, column: Math.max(0, column - 1) };
    case "ArrowRight":
      return { row, column: Math.min(last.column, column + 1) };
    case "ArrowUp":
      return { row: Math.max(0, row - 1), column };
    case "ArrowDown":
      return { row: Math.min(last.row, row + 1), column };
    case "Home":
      return { row, column: 0 };
    case "End":
      return { row, column: last.column };
    default:
      return null;
  }
}

type Cell = HTMLElement | SVGElement;

/** Names a cell so that `placeOf` and `cellAt` find it. */
export function setPlace(cell: Cell, { row, column }: Place): void {
  cell.dataset.row = String(row);
  cell.dataset.column = String(column);
}

/** The place of the cell that an event is about, or null. */
export function placeOf(target: EventTarget | null): Place | null {
  const cell = target instanceof Element ? target.closest<Cell>("[data-row]") : null;
  return cell === null ? null : { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
}

export function cellAt(grid: Element, { row, column }: Place): Cell | null {
  return grid.querySelector<Cell>(`[data-row="${row}"][data-column="${column}"]`);
}

/** Leaves this cell in the tab order, or the first where there is no such cell. */
export function makeTabStop(grid: Element, place: Place): void {
  for (const cell of grid.querySelectorAll("[data-row]")) cell.setAttribute("tabindex", "-1");
  const stop = cellAt(grid, place) ?? grid.querySelector("[data-row]");
  stop?.setAttribute("tabindex", "0");
}

/** Has the box that scrolls this table in the tab order: without a mouse, what is further down is not seen otherwise. */
export function makeReachable(table: HTMLTableElement): void {
  if (table.parentElement) table.parentElement.tabIndex = 0;
}
