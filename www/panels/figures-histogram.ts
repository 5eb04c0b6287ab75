// The histograms' choices: whose values, and which prompts beside which.

import type { PromptView } from "../../pkg/cpu/patchbay.js";
import { binned } from "../charts/bins.ts";
import { histogram } from "../charts/histogram.ts";
import type { Samples } from "../charts/samples.ts";
import { SCORE } from "../charts/theme.ts";
import { byId, element } from "../dom.ts";
import type { Frame } from "./figures-frame.ts";
import { longTable } from "./figures-table.ts";

export type Split = "order" | "template";

export class HistogramControl {
  readonly #frame: Frame;
  readonly #values = byId("histogram-values", HTMLSelectElement);
  readonly #split = byId("histogram-split", HTMLSelectElement);
  #samples: Samples = { conditions: [], values: [] };
  #prompts: readonly PromptView[] | null = null;
  #run = { stem: "", source: "" };

  constructor(frame: Frame) {
    this.#frame = frame;
    for (const select of [this.#values, this.#split]) select.addEventListener("change", () => this.draw());
  }

  /** `prompts`: null where they could not be had; all are one group then. */
  show(samples: Samples, prompts: readonly PromptView[] | null, run: { stem: string; source: string }): void {
    this.#samples = samples;
    this.#prompts = prompts;
    this.#run = run;
    this.#split.disabled = prompts === null;
    const kept = this.#values.value;
    const names = choicesOf(samples).map(({ label }) => label);
    this.#values.replaceChildren(...names.map((name) => element("option", {}, name)));
    if (names.includes(kept)) this.#values.value = kept;
    this.draw();
  }

  /** Anew: another choice, or another width. */
  draw(): void {
    const choice = choicesOf(this.#samples)[this.#values.selectedIndex];
    if (choice === undefined) return;
    const values = choice.values();
    const split: Split = this.#split.value === "template" ? "template" : "order";
    const bins = binned(values, groupsOf(this.#prompts, split, values.length));
    this.#frame.show(histogram(bins, choice.axis, this.#frame.width));
    const rows = bins.edges
      .slice(1)
      .map((edge, i) => [
        `${bins.edges[i]} to ${edge}`,
        ...bins.groups.map(({ counts }) => String(counts[i])),
      ]);
    const table = { header: [choice.axis, ...bins.groups.map(({ name }) => name)], rows };
    this.#frame.accompany(longTable(`Prompts by bin: ${choice.label}`, table), this.#run);
  }
}

interface Choice {
  label: string;
  axis: string;
  values: () => number[];
}

/** Every condition's scores, then every other condition's differences to clean. */
export function choicesOf({ conditions, values }: Samples): Choice[] {
  const [clean = "", ...others] = conditions;
  const column = (i: number) => values[i] ?? [];
  const scores = conditions.map((name, i) => ({
    label: name,
    axis: `${SCORE}, ${name}`,
    values: () => column(i),
  }));
  const differences = others.map((name, i) => ({
    label: `${name} minus ${clean}`,
    axis: `attention score, ${name} minus ${clean}`,
    values: () => column(i + 1).map((value, prompt) => value - (column(0)[prompt] ?? Number.NaN)),
  }));
  return [...scores, ...differences];
}

export function groupsOf(prompts: readonly PromptView[] | null, split: Split, count: number): string[] {
  if (prompts === null) return Array<string>(count).fill("all prompts");
  return prompts.map(({ order, template }) => {
    if (split === "order") return order;
    return template === null ? "own prompts" : `${template.order} ${template.index}`;
  });
}
