// Places in rows and columns, and the way of the arrow keys through them.

export interface Place {
  row: number;
  column: number;
}

export interface Size {
  rows: number;
  columns: number;
}

/** Where a key leads to from here; null for other keys. Page keys go a tenth of the way. */
export function placeAfter(key: string, { row, column }: Place, { rows, columns }: Size): Place | null {
  const page = (count: number) => Math.max(1, Math.round(count / 10));
  const moved = (by: number, across: number) => ({
    row: Math.max(0, Math.min(rows - 1, row + by)),
    column: Math.max(0, Math.min(columns - 1, column + across)),
  });
  switch (key) {
    case "ArrowLeft":
      return moved(0, -1);
    case "ArrowRight":
      return moved(0, 1);
    case "ArrowUp":
      return moved(-1, 0);
    case "ArrowDown":
      return moved(1, 0);
    case "PageUp":
      return rows === 1 ? moved(0, -page(columns)) : moved(-page(rows), 0);
    case "PageDown":
      return rows === 1 ? moved(0, page(columns)) : moved(page(rows), 0);
    case "Home":
      return columns === 1 ? moved(-rows, 0) : moved(0, -columns);
    case "End":
      return columns === 1 ? moved(rows, 0) : moved(0, columns);
    default:
      return null;
  }
}

export function same(a: Place | null | undefined, b: Place | null | undefined): boolean {
  return a === b || (a?.row === b?.row && a?.column === b?.column);
}
