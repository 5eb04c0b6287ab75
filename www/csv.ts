// Comma-separated values, as RFC 4180 has them. A token, a name or a sentence may be anybody's, and spreadsheets take what
// begins with one of a few characters for a formula: an apostrophe before it says that it is text. What had an
// apostrophe there already gets another, so that taking one away gives the text again.

type Cell = string | number;

/** One line, with its end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cell).join(",")}\n`;
}

export function csvText(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map(csvLine).join("");
}

/** Blanks that spreadsheets take away, and the wide forms that some take for the same, are among them. */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function cell(value: Cell): string {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
