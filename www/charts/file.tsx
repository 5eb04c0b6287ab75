// A figure as a file that stands alone: with its words, its type, and light colours whatever the page is shown in.

import { render } from "preact";
import type { Drawing } from "./drawing/drawing.ts";
import { LINE, wrapped } from "./drawing/room.ts";

/** The same as base.css and chart.css have for light. */
const LIGHT: Record<string, string> = {
  "--paper": "#ffffff",
  "--figure-text": "#1c1d1f",
  "--figure-quiet": "#5b5f66",
  "--figure-grid": "#e4e5e1",
  "--figure-clean": "#9a9da3",
  "--figure-edited": "#14617a",
  "--plus": "#e5913a",
  "--minus": "#5b9bd0",
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
/** How wide a figure is drawn for a file, in pixels; some are wider. */
export const FILE_WIDTH = 760;
/** Pixels of a PNG for each unit of the figure. */
const PNG_SCALE = 2;
/** A title is never broken into shorter lines than this. */
const LEAST = 360;

export interface Words {
  title: string;
  /** Which run it is of, below the title. */
  about: string;
  /** How to read it, below the figure; may be empty. */
  caption: string;
}

export function standalone(drawing: Drawing, { title, about, caption }: Words): string {
  const width = Math.ceil(Math.max(drawing.width, LEAST));
  const titles = wrapped(title, width, { size: 14, bold: true });
  const lines = [wrapped(about, width), wrapped(caption, width)] as const;
  const top = PAD + titles.length * 18 + lines[0].length * LINE + 14;
  const below = top + Math.ceil(drawing.height) + (caption === "" ? 0 : 10);
  const [full, high] = [width + 2 * PAD, below + lines[1].length * LINE + PAD];
  const host = document.createElement("div");
  render(
    <svg
      width={full}
      height={high}
      viewBox={`0 0 ${full} ${high}`}
      font-family={FONT}
      font-size="12"
      fill="var(--figure-text)"
    >
      <title>{[title, about].filter(Boolean).join(" · ")}</title>
      <rect width={full} height={high} fill="#ffffff" />
      <Lines lines={titles} top={PAD} line={18} size={14} weight={600} />
      <Lines lines={lines[0]} top={PAD + titles.length * 18} line={LINE} fill="var(--figure-quiet)" />
      <g transform={`translate(${PAD} ${top})`}>{drawing.picture}</g>
      <Lines lines={lines[1]} top={below} line={LINE} fill="var(--figure-quiet)" />
    </svg>,
    host,
  );
  const svg = host.firstElementChild;
  if (svg === null) throw new Error("expected a drawing");
  for (const made of [svg, ...svg.querySelectorAll("*")]) makeStill(made);
  const text = new XMLSerializer().serializeToString(svg);
  render(null, host);
  return text;
}

interface LinesProps {
  lines: readonly string[];
  top: number;
  line: number;
  size?: number;
  weight?: number;
  fill?: string;
}

function Lines({ lines, top, line, size, weight, fill }: LinesProps) {
  return (
    <g font-size={size} font-weight={weight} fill={fill}>
      {lines.map((text, i) => (
        <text key={i} x={PAD} y={top + (i + 1) * line - 4}>
          {text}
        </text>
      ))}
    </g>
  );
}

/** Colours as they are: variables belong to the page. */
function makeStill(made: Element): void {
  for (const { name, value } of [...made.attributes])
    if (value.includes("var(") || value === "currentColor")
      made.setAttribute(name, value.replace(/var\((--[\w-]+)\)|^currentColor$/g, light));
}

function light(_: string, variable = "--figure-text"): string {
  return LIGHT[variable] ?? "#000000";
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
