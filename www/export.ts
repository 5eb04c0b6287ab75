// Files to take away: what the page saves, and a figure as an SVG or PNG that stands alone.

import { type Attributes, svgElement } from "./charts/svg.ts";

/** The figures' colours on paper, whatever the page shows them in; the same as the style sheets have for light. */
const LIGHT: Record<string, string> = {
  "--figure-text": "#1c1d1f",
  "--figure-quiet": "#5b5f66",
  "--figure-grid": "#e4e5e1",
  "--figure-clean": "#9a9da3",
  "--figure-edited": "#14617a",
  "--figure-chosen": "#c2500a",
  "--figure-paper": "#ffffff",
  "--plus": "#e5913a",
  "--minus": "#5b9bd0",
  "--line": "#d5d6d2",
  "--series-0": "#5b5f66",
  "--series-1": "#0072b2",
  "--series-2": "#b34700",
  "--series-3": "#007a5a",
  "--series-4": "#a3417d",
  "--series-5": "#7a6000",
  "--series-6": "#2b7fa8",
  "--series-7": "#8a3324",
};
const FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif";
const PAD = 16;
const TITLE_HEIGHT = 22;
const LINE_HEIGHT = 15;

/** Pixels of a PNG for each unit of the figure. */
const PNG_SCALE = 2;

export interface Words {
  title: string;
  /** Which run it is of, below the figure. */
  source: string;
}

/** The figure with its words, its colours and its type in it. */
export function standalone(figure: SVGSVGElement, { title, source }: Words): string {
  const width = Number(figure.getAttribute("width"));
  const height = Number(figure.getAttribute("height"));
  const lines = broken(source, Math.floor(width / 5.6));
  const full = [width + 2 * PAD, height + 2 * PAD + TITLE_HEIGHT + 6 + lines.length * LINE_HEIGHT] as const;
  const whole = svgElement("svg", {
    width: full[0],
    height: full[1],
    viewBox: `0 0 ${full[0]} ${full[1]}`,
    "font-family": FONT,
    role: "img",
  });
  const named = svgElement("title", {}, title);
  const paper = svgElement("rect", { width: full[0], height: full[1], fill: "var(--figure-paper)" });
  const inner = figure.cloneNode(true) as SVGSVGElement;
  set(inner, { x: PAD, y: PAD + TITLE_HEIGHT, overflow: "visible" });
  const below = PAD + TITLE_HEIGHT + height + 6;
  whole.append(
    named,
    paper,
    text(title, PAD, PAD + 10, { "font-size": 14, "font-weight": 600, fill: "var(--figure-text)" }),
    inner,
    ...lines.map((line, i) =>
      text(line, PAD, below + (i + 1) * LINE_HEIGHT - 4, { "font-size": 10.5, fill: "var(--figure-quiet)" }),
    ),
  );
  for (const made of [inner, ...inner.querySelectorAll("svg")]) {
    set(made, { "font-family": FONT });
    made.removeAttribute("class");
  }
  for (const made of whole.querySelectorAll("[style]")) inlineStyle(made);
  // Where a prompt is being looked at is no part of the figure.
  for (const ring of whole.querySelectorAll(".looked-at")) ring.remove();
  for (const made of whole.querySelectorAll("*")) makeStill(made);
  return new XMLSerializer().serializeToString(whole);
}

/** Nothing to be used, and colours as they are: variables belong to the page. */
function makeStill(made: Element): void {
  for (const { name, value } of [...made.attributes]) {
    if (/^(tabindex|role|data-row|data-column|aria-(hidden|selected))$/.test(name))
      made.removeAttribute(name);
    else made.setAttribute(name, value.replace(/var\((--[\w-]+)\)|^currentColor$/g, colour));
  }
}

function colour(_: string, variable = "--figure-text"): string {
  return LIGHT[variable] ?? "#000000";
}

/** As an attribute: some programs read no styles. */
function inlineStyle(made: Element): void {
  const { style } = made as SVGElement;
  for (const name of ["color", "font-size", "overflow"]) {
    const value = style.getPropertyValue(name);
    if (value !== "") made.setAttribute(name, value);
  }
  made.removeAttribute("style");
}

/** Drawn from a data: URL, the only images that the page's policy allows. */
export async function png(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * PNG_SCALE;
  canvas.height = image.naturalHeight * PNG_SCALE;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob === null) throw new Error("this browser could not draw the figure as a PNG");
  return blob;
}

export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own reference by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}

/** As they are opened again under Own prompts. */
export function savePrompts(text: string): void {
  save("patchbay-prompts.txt", new Blob([`${text}\n`], { type: "text/plain" }));
}

/** Lines of at most so many letters, broken between the parts of a caption. */
export function broken(caption: string, letters: number): string[] {
  const lines: string[] = [];
  for (const part of caption.split(" · ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + part.length <= letters)
      lines[lines.length - 1] += ` · ${part}`;
    else lines.push(part);
  }
  return lines;
}

function text(content: string, x: number, y: number, attributes: Attributes): SVGTextElement {
  return svgElement("text", { x, y, ...attributes }, content);
}

function set(made: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
}
