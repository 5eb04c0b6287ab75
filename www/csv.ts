// Comma-separated values, as RFC 4180 has them.

type Cell = string | number;

/** One line, with its end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cell).join(",")}\n`;
}

export function csvText(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map(csvLine).join("");
}

function cell(value: Cell): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
