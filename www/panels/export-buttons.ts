// Buttons that save what is shown: a figure as SVG or PNG, its numbers as CSV or JSON.

import { byId, element } from "../dom.ts";
import { problemOf } from "../errors.ts";
import { png, save, standalone, type Words } from "../export.ts";

export interface FigureFile extends Words {
  figure: SVGSVGElement;
  /** The file's name without its kind. */
  stem: string;
}

/** `draw`: the figure as it is then; null while there is none. `title` tells screen readers whose buttons these are. */
export function figureButtons(
  title: string,
  status: HTMLElement,
  draw: () => FigureFile | null,
): HTMLButtonElement[] {
  return (["SVG", "PNG"] as const).map((kind) =>
    button(kind, title, status, async () => {
      const file = draw();
      if (file === null) return;
      const svg = standalone(file.figure, file);
      const content = kind === "SVG" ? new Blob([svg], { type: "image/svg+xml" }) : await png(svg);
      save(`${file.stem}.${kind.toLowerCase()}`, content);
    }),
  );
}

export interface Numbers {
  stem: string;
  csv: () => string;
  json: () => unknown;
}

function numberButtons(
  title: string,
  status: HTMLElement,
  numbers: () => Numbers | null,
): HTMLButtonElement[] {
  return (["CSV", "JSON"] as const).map((kind) =>
    button(kind, title, status, async () => {
      const found = numbers();
      if (found === null) return;
      const [type, text] =
        kind === "CSV"
          ? ["text/csv", found.csv()]
          : ["application/json", JSON.stringify(found.json(), null, 2)];
      save(`${found.stem}.${kind.toLowerCase()}`, new Blob([text], { type }));
    }),
  );
}

/** Both, in the element of this id, with a line below for what went wrong. */
export function addExports(
  id: string,
  title: string,
  draw: () => FigureFile | null,
  numbers: () => Numbers | null,
): void {
  const status = element("p", { class: "hint", role: "status" });
  const buttons = [...figureButtons(title, status, draw), ...numberButtons(title, status, numbers)];
  byId(id, HTMLElement).append(...buttons, status);
}

function button(
  kind: string,
  title: string,
  status: HTMLElement,
  work: () => Promise<void>,
): HTMLButtonElement {
  const made = element("button", { type: "button", "aria-label": `${kind} of: ${title}` }, kind);
  made.addEventListener("click", () => {
    status.textContent = "";
    work().catch((error: unknown) => {
      status.textContent = `No ${kind}: ${problemOf(error).message}`;
    });
  });
  return made;
}
