// All heads: one sweep of the shown run's experiment. Small models are swept by themselves.

import type { SweepResult } from "../../pkg/cpu/patchbay.js";
import { headsFigure } from "../charts/heads-figure.ts";
import { SCORE } from "../charts/theme.ts";
import { byId } from "../dom.ts";
import { CANCELLED, isNamed, messageOf } from "../errors.ts";
import type { Lab } from "../lab.ts";
import { stemOf } from "../result.ts";
import type { Runs } from "../run.ts";
import { type Shown, shown } from "../shown.ts";
import type { Task } from "../task.ts";
import { addExports, type FigureFile, type Numbers } from "./export-buttons.ts";
import { layersText, sweepCsv, sweepKey, sweepSpecOf } from "./heads-text.ts";
import { HeadsView } from "./heads-view.ts";
import { caption } from "./result.ts";
import { BUSY, isSmall, Unasked } from "./unasked.ts";

const button = byId("sweep", HTMLButtonElement);
const status = byId("heads-status", HTMLElement);

const TITLE = "All heads";

/** Takes a head into the form and runs there; false where something else is running. */
export type Aim = (layer: number, head: number) => boolean;

export function startHeads(lab: Lab, runs: Runs, aim: Aim): void {
  const panel = new HeadsPanel(lab, runs, aim);
  shown.watch((now) => now && panel.follow(now));
}

class HeadsPanel {
  readonly #lab: Lab;
  readonly #runs: Runs;
  readonly #view: HeadsView;
  /** The run that the page shows. */
  #run: Shown | null = null;
  /** The sweep that is shown, as far as it is, and the key of the runs that it holds for. */
  #sweep: { key: string; of: Shown; result: SweepResult } | null = null;
  /** The key of the sweep that is going on. */
  #going: string | null = null;
  readonly #unasked: Unasked;

  constructor(lab: Lab, runs: Runs, aim: Aim) {
    this.#lab = lab;
    this.#runs = runs;
    this.#unasked = new Unasked(runs);
    this.#view = new HeadsView((layer, head) => {
      this.#unasked.drop();
      if (!aim(layer, head))
        this.#say(`Head ${layer}.${head} is in the form now: press Run when what is going on is over.`);
    });
    button.addEventListener("click", () => void this.#asked());
    addExports(
      "heads-files",
      TITLE,
      () => this.#figure(),
      () => this.#numbers(),
    );
  }

  /** The page shows another run. */
  follow(run: Shown): void {
    this.#run = run;
    byId("heads", HTMLElement).hidden = false;
    this.#view.mark(this.#marked);
    this.#say("");
    if (isSmall(run) && !this.#complete) void this.#sweepUnasked(run);
  }

  get #current(): boolean {
    return this.#sweep !== null && this.#run !== null && this.#sweep.key === sweepKey(this.#run.result);
  }

  get #complete(): boolean {
    return this.#current && this.#sweep?.result.finished === true;
  }

  get #marked() {
    if (!this.#current || this.#run === null) return null;
    const [row, column] = this.#run.result.head;
    return { row, column };
  }

  #figure(): FigureFile | null {
    const [sweep, figure] = [this.#sweep, this.#view.figure];
    if (sweep === null || figure === null) return null;
    const far = sweep.result.finished ? [] : [layersText(sweep.result)];
    const source = [caption(sweep.of.result, TITLE), `score: ${SCORE}`, ...far].join(" · ");
    return {
      figure: headsFigure(figure),
      stem: stemOf("heads", sweep.result.spec.dataset),
      title: TITLE,
      source,
    };
  }

  #numbers(): Numbers | null {
    const sweep = this.#sweep;
    if (sweep === null) return null;
    const { model, origin } = sweep.of.result;
    return {
      stem: stemOf("heads", sweep.result.spec.dataset),
      csv: () => sweepCsv(sweep.result),
      json: () => ({ model, origin, ...sweep.result }),
    };
  }

  async #asked(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    if (this.#runs.busy) {
      this.#say(BUSY);
      return;
    }
    this.#unasked.drop();
    await this.#runs.work((task) => this.#measure(run, task), "All heads are measured.");
    if (!this.#complete) this.#say("Not all of it was measured.");
  }

  async #sweepUnasked(run: Shown): Promise<void> {
    try {
      await this.#unasked.begin((task) => this.#measure(run, task));
    } catch (error) {
      this.#say(isNamed(error, CANCELLED) ? "Not all of it was measured." : messageOf(error));
    }
  }

  async #measure(run: Shown, task: Task): Promise<void> {
    const key = sweepKey(run.result);
    const show = (result: SweepResult) => {
      // Comlink delivers these on their own channel; one may arrive after the end.
      if (this.#going !== key) return;
      // What is shown stays until there is something of every layer to take its place.
      const begun = ({ prompts }: { prompts: number }) => prompts > 0;
      if (!(this.#sweep === null ? result.layers.some(begun) : result.layers.every(begun))) return;
      this.#sweep = { key, of: run, result };
      this.#view.show(result, run.model, this.#marked);
      this.#say("");
    };
    const { source, settings, result } = run;
    const spec = { analysis: "sweep", spec: sweepSpecOf(result) };
    const request = { source, device: settings.device, head: null, spec };
    this.#going = key;
    this.#say("Measuring all heads…");
    try {
      show((await this.#lab.job<SweepResult>(request, task, show)).result);
    } finally {
      this.#going = null;
      this.#say("");
    }
  }

  /** Says this, and how far the sweep is unless it is complete; the button is there while it is of use. */
  #say(news: string): void {
    const result = this.#sweep?.result;
    const far = result && !result.finished ? layersText(result) : "";
    status.textContent = [news, far].filter(Boolean).join(" ");
    byId("heads-stale", HTMLElement).hidden = this.#sweep === null || this.#current;
    const hadKeyboard = document.activeElement === button;
    button.hidden = this.#complete;
    if (button.hidden && hadKeyboard) this.#view.focus();
  }
}
