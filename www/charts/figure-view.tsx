// A figure of a report with all that goes with it: title, choices, chart, caption, files and the same numbers as a table.

import type { ComponentType } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import type { Options } from "../text/options.ts";
import { visible } from "../text/plain-text.ts";
import { useFiles } from "../ui/files.tsx";
import { Toolbar } from "../ui/toolbar.tsx";
import { Choices } from "./choices.tsx";
import { FigureTable } from "./figure-table.tsx";
import { FILE_WIDTH, png, standalone } from "./file.tsx";
import type { Figure, Frame, Places } from "./frame/frame.ts";
import { draw, isEmpty } from "./kinds/draw.tsx";
import { AttentionChart } from "./screen/attention-chart.tsx";
import { FigureChart, type FigureChartProps } from "./screen/chart.tsx";
import { PairsChart } from "./screen/pairs-chart.tsx";
import { PatternsChart } from "./screen/patterns-chart.tsx";
import { useInTurn, useWidth } from "./screen/seen.ts";
import "./figure.css";

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
}

/** Those that are more than a drawing on the screen. */
const DRAWN: { [kind in Figure["chart"]]?: ComponentType<FigureChartProps> } = {
  pairs: PairsChart,
  attention: AttentionChart,
  patterns: PatternsChart,
};

export function FigureView(props: FigureViewProps) {
  const { figure, options, setOptions, name, about, stem, csv, of, chosen, onChoose } = props;
  const title = visible(figure.title);
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const [withCaption, setWithCaption] = useState(false);
  const [tabled, setTabled] = useState(false);
  const drawn = useInTurn(host, figure);
  const Drawn = (drawn && !isEmpty(drawn, options) && DRAWN[drawn.chart]) || FigureChart;
  const width = useWidth(host);
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
      <div ref={host} class={drawn ? "" : "figure-awaited"}>
        {drawn && width > 0 && (
          <Drawn
            title={title}
            figure={drawn}
            options={options}
            setOptions={setOptions}
            width={width}
            chosen={chosen}
            onChoose={onChoose}
          />
        )}
      </div>
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
      {tabled && <FigureTable title={title} frame={figure.frame} />}
    </figure>
  );
}
