// A figure of a report with all that goes with it: title, chart, caption, files and the same numbers as a table.

import { useMemo, useRef } from "preact/hooks";
import { Chart } from "./chart.tsx";
import { draw } from "./draw.ts";
import { FigureTable } from "./figure-table.tsx";
import type { Figure, Frame, Places } from "./frame.ts";
import type { Options } from "./options.ts";
import { useWidth } from "./width.ts";
import "./figure.css";

export interface FigureViewProps {
  figure: Figure;
  /** The model's name, for files: "GPT-2 small". */
  name: string;
  /** As the report has them: what it is of, in words and for names of files. */
  about: string;
  stem: string;
  /** What names of files begin with: "gpt2-place". */
  stemPrefix: string;
  csv: (frame: Frame) => Promise<string>;
  /** What the JSON file holds; left out, it is the figure with what it is of. */
  json?: (figure: Figure) => unknown;
  /** What is chosen on the page, by the names of axes; it is ringed. */
  chosen?: Places;
  /** Somebody chose a place: `{layer: 9, head: 6}`, `{prompt: 12}`, `{query: 3}`. */
  onChoose?: (places: Places) => void;
  /** How it is drawn. Without `onOptions` the figure keeps what is set by itself, beginning with these. */
  options?: Options;
  onOptions?: (options: Options) => void;
}

export function FigureView({ figure, chosen, onChoose, options = {} }: FigureViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const drawing = useMemo(
    () => (width === 0 ? null : draw(figure, options, width)),
    [figure, options, width],
  );
  return (
    <figure class="figure">
      <h3>{figure.title}</h3>
      <div ref={host}>
        {drawing && <Chart title={figure.title} drawing={drawing} chosen={chosen} onChoose={onChoose} />}
      </div>
      <FigureTable title={figure.title} frame={figure.frame} />
      <figcaption>{figure.caption}</figcaption>
    </figure>
  );
}
