// The figures of the shown run: bars at once, then, a little at a time, the intervals and the rest.

import type { ExperimentSpec, PromptView } from "../../pkg/cpu/patchbay.js";
import { conditionBars } from "../charts/conditions.ts";
import { effectDots } from "../charts/effects.ts";
import { type Samples, samplesOf } from "../charts/samples.ts";
import { scatter } from "../charts/scatter.ts";
import { SCORE } from "../charts/theme.ts";
import { byId } from "../dom.ts";
import { fileStem } from "../result.ts";
import { type Shown, shown } from "../shown.ts";
import type { ShownPrompts } from "../shown-prompts.ts";
import { inSlices, inTurn } from "../slices.ts";
import { bootstrap, type Estimate, mean } from "../statistics.ts";
import { showCitation, watchCopying } from "./figures-cite.ts";
import { Frame } from "./figures-frame.ts";
import { HistogramControl } from "./figures-histogram.ts";
import { ScatterControl } from "./figures-scatter.ts";
import { longTable, reachable } from "./figures-table.ts";
import { bootstrapFor, effectsCaption, effectsTable, meansCaption, meansTable } from "./figures-words.ts";
import { caption, showMeans } from "./result.ts";

export function startFigures(prompts: ShownPrompts, defaults: ExperimentSpec): void {
  const figures = new Figures(prompts, defaults);
  shown.watch((now) => now && void figures.show(now));
  watchCopying();
  reachable(byId("results-frame", HTMLElement));
}

class Figures {
  readonly #prompts: ShownPrompts;
  readonly #defaults: ExperimentSpec;
  readonly #all = byId("figures", HTMLElement);
  readonly #means = new Frame("means");
  readonly #effects = new Frame("effects");
  readonly #scatter = new Frame("scatter");
  readonly #points = new ScatterControl(this.#scatter.plot);
  readonly #histogram = new Frame("histogram");
  readonly #bins = new HistogramControl(this.#histogram);
  /** Counts what was begun: work for an earlier one is of no use. */
  #turn = 0;
  #drawn: { samples: Samples; estimates: Estimate[] } | null = null;
  #width = 0;

  constructor(prompts: ShownPrompts, defaults: ExperimentSpec) {
    this.#prompts = prompts;
    this.#defaults = defaults;
    new ResizeObserver(() => void this.#resized()).observe(this.#all);
  }

  async show(now: Shown): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const over = () => turn !== this.#turn;
    this.#all.setAttribute("aria-busy", "true");
    this.#drawn = null;
    this.#width = this.#all.clientWidth;
    const samples = samplesOf(now.result);
    const { conditions, values } = samples;
    const method = bootstrapFor(now.result);
    const run = { stem: fileStem(now.result), source: `${caption(now.result)} · score: ${SCORE}` };
    const certain = {
      ...run,
      source: `${run.source} · lines: 95% confidence interval, percentile bootstrap`,
    };
    showCitation(now.result);
    this.#drawMeans(
      conditions,
      values.map((column) => ({ mean: mean(column), meanInterval: null })),
    );

    const estimates = await inSlices(bootstrap(values, method), over);
    if (estimates === null) return;
    this.#drawn = { samples, estimates };
    const means = longTable("Mean score by condition", meansTable(conditions, estimates));
    const effects = longTable("Change from clean", effectsTable(conditions, estimates));
    const drawn = await inTurn(
      [
        () => showMeans(now, this.#defaults, new Map(estimates.map((it, i) => [conditions[i] ?? "", it]))),
        () => this.#drawMeans(conditions, estimates, meansCaption(values[0]?.length ?? 0, method)),
        () => this.#means.accompany(means, certain),
        () => this.#drawEffects(conditions, estimates),
        () => this.#effects.accompany(effects, certain),
      ],
      over,
    );
    if (!drawn || !(await this.#drawScatter(samples, over))) return;
    this.#scatter.accompany(
      {
        caption: "Scores by prompt",
        header: ["prompt", ...conditions],
        count: values[0]?.length ?? 0,
        row: (prompt) => [
          String(prompt + 1),
          ...values.map((column) => (column[prompt] ?? Number.NaN).toFixed(4)),
        ],
      },
      run,
    );
    const prompts = await this.#promptsOf(now);
    const named = await inTurn(
      [
        () => prompts && this.#points.name(prompts.map(({ sentence }) => sentence)),
        () => this.#bins.show(samples, prompts, run),
      ],
      over,
    );
    if (named) this.#all.setAttribute("aria-busy", "false");
  }

  #drawMeans(
    conditions: readonly string[],
    means: readonly Pick<Estimate, "mean" | "meanInterval">[],
    caption?: string,
  ): void {
    const named = means.map((it, i) => ({ ...it, condition: conditions[i] ?? "" }));
    this.#means.show(conditionBars(named, this.#means.width), caption);
  }

  #drawEffects(conditions: readonly string[], estimates: readonly Estimate[]): void {
    const [clean = ""] = conditions;
    const named = estimates.map((it, i) => ({ ...it, condition: conditions[i] ?? "" })).slice(1);
    this.#effects.show(effectDots(clean, named, this.#effects.width), effectsCaption(clean, estimates));
  }

  async #drawScatter(samples: Samples, over: () => boolean): Promise<boolean> {
    const work = scatter(samples, this.#scatter.width, (svg) => this.#scatter.show(svg));
    const drawn = await inSlices(work, over);
    if (drawn === null) return false;
    this.#points.show(drawn, samples);
    return true;
  }

  /** The prompts that were run, in the rows' order; null where they cannot be had. */
  async #promptsOf(now: Shown): Promise<PromptView[] | null> {
    try {
      const all = await this.#prompts.of(now);
      const run = all.filter(({ problem }) => problem === null);
      return run.length === now.result.conditions.clean?.diff.length ? run : null;
    } catch {
      // The histograms do without the groups, and say so.
      return null;
    }
  }

  /** Drawn anew rather than scaled, so that letters stay as large as they are. */
  async #resized(): Promise<void> {
    const width = this.#all.clientWidth;
    if (width === 0 || width === this.#width || this.#drawn === null) return;
    this.#width = width;
    const { samples, estimates } = this.#drawn;
    const turn = this.#turn;
    this.#drawMeans(samples.conditions, estimates);
    this.#drawEffects(samples.conditions, estimates);
    if (await this.#drawScatter(samples, () => turn !== this.#turn || width !== this.#width))
      this.#bins.draw();
  }
}
