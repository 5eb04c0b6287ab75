// A figure of a report with all that goes with it: title, choices, chart, caption, files and the same numbers as a table.

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { Options } from "../text/options.ts";
import { visible } from "../text/plain-text.ts";
import { useFiles } from "../ui/files.tsx";
import { Toolbar } from "../ui/toolbar.tsx";
import { Choices } from "./choices.tsx";
import { FigureDrawing } from "./figure-drawing.tsx";
import { FigureTable } from "./figure-table.tsx";
import { FILE_WIDTH, png, standalone } from "./file.tsx";
import type { Figure, Frame, Places } from "./frame/frame.ts";
import { draw } from "./kinds/draw.tsx";

export type { Figure, Frame, Places };

export interface FigureViewProps {
  figure: Figure;
  /** The model's name, for files: "GPT-2 small". */
  name: string;
  /** What it is of, in words. */
  about: string;
  /** What its files are named. */
  stem: string;
  csv: (frame: Frame) => Promise<string>;
  /** What the JSON file says beside the numbers: what was asked of which model. */
  of: () => object | Promise<object>;
  /** What is chosen on the page, by the names of axes; it is ringed. */
  chosen?: Places;
  /** Somebody chose a place: `{layer: 9, head: 6}`, `{prompt: 12}`, `{query: 3}`. */
  onChoose?: (places: Places) => void;
  options: Options;
  setOptions: (set: Partial<Options>) => void;
  /** What else can be taken from it: a button, and what became of a press. */
  more?: { button: ComponentChildren; status: ComponentChildren };
}

export function FigureView(props: FigureViewProps) {
  const { figure, options, setOptions, name, about, stem, csv, of, chosen, onChoose, more } = props;
  const title = visible(figure.title);
  const id = useId();
  const [withCaption, setWithCaption] = useState(false);
  const [tabled, setTabled] = useState(false);
  const svg = () =>
    standalone(draw(figure, options, FILE_WIDTH), {
      title,
      about: visible([name, about].filter(Boolean).join(" · ")),
      caption: withCaption ? visible(figure.caption) : "",
    });
  const text = (content: string, type: string) => new Blob([content], { type });
  const files = useFiles({
    title,
    stem,
    kinds: [
      { kind: "SVG", make: () => text(svg(), "image/svg+xml") },
      { kind: "PNG", make: () => png(svg()) },
      { kind: "CSV", make: async () => text(await csv(figure.frame), "text/csv") },
      {
        kind: "JSON",
        make: async () => {
          const { title, caption, frame, groups } = figure;
          const content = { ...(await of()), title, caption, ...frame, groups };
          return text(JSON.stringify(content, null, 2), "application/json");
        },
      },
    ],
  });
  return (
    <figure class="figure" data-chart={figure.chart} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <Choices figure={figure} options={options} setOptions={setOptions} />
      <FigureDrawing {...{ title, figure, options, setOptions, chosen, onChoose }} />
      {figure.caption !== "" && <figcaption>{visible(figure.caption)}</figcaption>}
      <Toolbar label={`Files and table: ${title}`}>
        {files.buttons}
        <button
          type="button"
          aria-expanded={tabled}
          aria-label={`Table: ${title}`}
          onClick={() => setTabled(!tabled)}
        >
          Table
        </button>
        {more?.button}
        <label class="with-caption">
          <input
            type="checkbox"
            checked={withCaption}
            onChange={({ currentTarget }) => setWithCaption(currentTarget.checked)}
          />
          with caption
        </label>
      </Toolbar>
      {files.status}
      {more?.status}
      {tabled && <FigureTable title={title} frame={figure.frame} />}
    </figure>
  );
}
