// The choices that there are of how a figure is drawn: which column, which series, split by what, how large.

import type { ComponentChildren } from "preact";
import type { Options } from "../text/options.ts";
import { visible } from "../text/plain-text.ts";
import { type Figure, innerAxes, measure, measures, words } from "./frame/frame.ts";
import { exampleOf } from "./frame/marks.ts";

interface ChoicesProps {
  figure: Figure;
  options: Options;
  setOptions: (set: Partial<Options>) => void;
}

export function Choices({ figure, options, setOptions: set }: ChoicesProps) {
  const { chart, frame, groups } = figure;
  const columns = measures(frame);
  const [series, points] = innerAxes(frame);
  const shown = [
    columns.length > 1 && (
      <Select
        label="shown"
        value={measure(frame, options.column).name}
        of={columns.map(({ name }) => [name, words(name)])}
        choose={(column) => set({ column })}
      />
    ),
    chart === "histogram" && series.labels.length > 1 && (
      <Select
        label={words(series.name)}
        value={options.series}
        of={[["", "all"], ...series.labels.map((label): Named => [label, visible(label)])]}
        choose={(series) => set({ series })}
      />
    ),
    chart === "histogram" && groups.length > 0 && (
      <Select
        label="split by"
        value={options.split}
        of={[["", "nothing"], ...groups.map(({ name }): Named => [name, words(name)])]}
        choose={(split) => set({ split })}
      />
    ),
    chart === "histogram" && (
      <Check
        label="as outlines over each other"
        checked={options.layout === "overlaid"}
        choose={(overlaid) => set({ layout: overlaid ? "overlaid" : "multiples" })}
      />
    ),
    chart === "attention" && (
      <Select
        label="as"
        value={options.view}
        of={[
          ["triangle", "all queries"],
          ["strips", "one query"],
        ]}
        choose={(view) => set({ view, kept: "" })}
      />
    ),
    chart === "pairs" && (
      <Slider label="zoom" unit="×" min={1} max={8} value={options.zoom} choose={(zoom) => set({ zoom })} />
    ),
    (chart === "pairs" || chart === "circuit") && (
      <Slider
        label={chart === "pairs" ? "faint below" : "not drawn below"}
        unit="% of the largest"
        min={0}
        max={100}
        value={options.threshold}
        choose={(threshold) => set({ threshold })}
      />
    ),
    chart === "pairs" && (
      <Choice label="marked pairs">
        <input
          type="text"
          spellcheck={false}
          autocomplete="off"
          placeholder={`${exampleOf(series, points)}, …`}
          value={options.marks}
          onInput={({ currentTarget }) => set({ marks: currentTarget.value })}
        />
      </Choice>
    ),
  ].filter(Boolean);
  return shown.length === 0 ? null : <div class="figure-choices">{shown}</div>;
}

type Named = [value: string, name: string];

interface Labelled {
  label: string;
}

function Choice({ label, children }: Labelled & { children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child.
    <label>
      <span>{label}</span>
      {children}
    </label>
  );
}

interface SelectProps extends Labelled {
  value: string;
  of: Named[];
  choose: (value: string) => void;
}

function Select({ label, value, of, choose }: SelectProps) {
  return (
    <Choice label={label}>
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {of.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Choice>
  );
}

interface CheckProps extends Labelled {
  checked: boolean;
  choose: (checked: boolean) => void;
}

function Check({ label, checked, choose }: CheckProps) {
  return (
    <label>
      <input
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => choose(currentTarget.checked)}
      />
      {label}
    </label>
  );
}

interface SliderProps extends Labelled {
  unit: string;
  min: number;
  max: number;
  value: string;
  choose: (value: string) => void;
}

function Slider({ label, unit, min, max, value, choose }: SliderProps) {
  return (
    <Choice label={label}>
      <input
        type="range"
        min={min}
        max={max}
        value={value}
        aria-valuetext={`${value}${unit}`}
        onInput={({ currentTarget }) => choose(currentTarget.value)}
      />
      <output>
        {value}
        {unit}
      </output>
    </Choice>
  );
}
