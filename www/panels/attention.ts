// The shown head's attention on one prompt. END's row is shown, or that of the token that is pointed at or kept.

import type { AttentionResult } from "../../pkg/cpu/patchbay.js";
import { attentionFigure } from "../charts/attention-figure.ts";
import { byId } from "../dom.ts";
import { messageOf } from "../errors.ts";
import { count } from "../format.ts";
import type { Lab } from "../lab.ts";
import type { Step } from "../protocol.ts";
import { fileStem } from "../result.ts";
import type { Runs } from "../run.ts";
import { chosenPrompt, type Shown, shown } from "../shown.ts";
import { attentionCsv, promptNumber, tokenName } from "./attention-text.ts";
import { AttentionView } from "./attention-view.ts";
import { addExports, type FigureFile, type Numbers } from "./export-buttons.ts";
import { loadText } from "./progress-text.ts";
import { caption } from "./result.ts";
import { SMALL_LAYERS } from "./unasked.ts";

const numberField = byId("prompt-number", HTMLInputElement);
const before = byId("prompt-before", HTMLButtonElement);
const next = byId("prompt-after", HTMLButtonElement);
const showButton = byId("show-attention", HTMLButtonElement);
const status = byId("attention-status", HTMLElement);

export function startAttention(lab: Lab, runs: Runs): void {
  const panel = new AttentionPanel(lab, runs);
  shown.watch((now) => now && panel.follow(now));
  chosenPrompt.watch(() => panel.open());
}

class AttentionPanel {
  readonly #lab: Lab;
  readonly #runs: Runs;
  readonly #view = new AttentionView();
  #run: Shown | null = null;
  /** It was asked for, so every run and every prompt is looked at. */
  #opened = false;
  /** Answers to older requests are dropped. */
  #latest = 0;

  constructor(lab: Lab, runs: Runs) {
    this.#lab = lab;
    this.#runs = runs;
    showButton.addEventListener("click", () => this.open());
    addExports(
      "attention-files",
      "Attention on one prompt",
      () => this.#figure(),
      () => this.#numbers(),
    );
    before.addEventListener("click", () => this.#choose(this.#prompt - 1));
    next.addEventListener("click", () => this.#choose(this.#prompt + 1));
    numberField.addEventListener("change", () => {
      const number = promptNumber(numberField.value, this.#prompts);
      this.#choose(number === null ? this.#prompt : number - 1);
    });
  }

  /** The page shows another run. */
  follow(run: Shown): void {
    this.#run = run;
    byId("attention", HTMLElement).hidden = false;
    if (run.model.n_layer <= SMALL_LAYERS) this.#opened = true;
    if (this.#opened) this.open();
    else {
      this.#showPlace();
      showButton.hidden = false;
    }
  }

  /** Looks at the chosen prompt of the shown run. */
  open(): void {
    if (this.#run === null) return;
    this.#opened = true;
    if (document.activeElement === showButton) numberField.focus();
    showButton.hidden = true;
    this.#showPlace();
    void this.#look(this.#run);
  }

  #figure(): FigureFile | null {
    const [run, shown] = [this.#run, this.#view.shown];
    if (run === null || shown === null) return null;
    const { result, measure, query } = shown;
    return {
      figure: attentionFigure(result, measure, query),
      stem: `${this.#stem(run, result)}-${measure}-query${query}`,
      title: `Attention ${measure} from ${tokenName(result, query)}, position ${query}`,
      source: `${caption(run.result)} · prompt ${result.prompt + 1}`,
    };
  }

  #numbers(): Numbers | null {
    const [run, result] = [this.#run, this.#view.shown?.result];
    if (run === null || result === undefined) return null;
    const { model, origin, spec } = run.result;
    return {
      stem: this.#stem(run, result),
      csv: () => attentionCsv(result),
      json: () => ({ model, origin, spec, ...result }),
    };
  }

  #stem(run: Shown, { prompt }: AttentionResult): string {
    return `${fileStem(run.result)}-attention-prompt${prompt + 1}`;
  }

  get #prompts(): number {
    return Object.values(this.#run?.result.conditions ?? {})[0]?.diff.length ?? 0;
  }

  /** The chosen one, or the last of a run that has fewer. */
  get #prompt(): number {
    return Math.max(0, Math.min(chosenPrompt.value, this.#prompts - 1));
  }

  #choose(prompt: number): void {
    if (prompt < 0 || prompt >= this.#prompts) return;
    if (prompt === this.#prompt) this.#showPlace();
    else chosenPrompt.value = prompt;
  }

  #showPlace(): void {
    numberField.max = String(this.#prompts);
    numberField.value = String(this.#prompt + 1);
    byId("prompt-count", HTMLElement).textContent = `of ${count(this.#prompts)}`;
    // Not `disabled`: at the first and the last prompt it would lose the keyboard.
    before.setAttribute("aria-disabled", String(this.#prompt === 0));
    next.setAttribute("aria-disabled", String(this.#prompt >= this.#prompts - 1));
  }

  async #look({ source, settings, result }: Shown): Promise<void> {
    this.#latest += 1;
    const turn = this.#latest;
    const prompt = this.#prompt;
    const head = result.head;
    const spec = { analysis: "attention", spec: result.spec, prompt };
    const request = { source, device: settings.device, head, spec };
    const report = (step: Step) => {
      // The model may have to be read again, which takes its time.
      if (turn === this.#latest && step.phase === "load") status.textContent = loadText(step, Date.now());
    };
    this.#view.wait();
    try {
      const found = await this.#runs.look(async (task): Promise<AttentionResult | null> => {
        const both = (step: Step) => {
          task.report(step);
          report(step);
        };
        if (turn !== this.#latest) return null;
        return (await this.#lab.job<AttentionResult>(request, { ...task, report: both })).result;
      });
      if (found === null || turn !== this.#latest) return;
      status.textContent = "";
      this.#view.show(found);
    } catch (error) {
      if (turn !== this.#latest) return;
      this.#view.hide();
      status.textContent = `The attention on prompt ${prompt + 1} cannot be shown: ${messageOf(error)}`;
      showButton.hidden = false;
    }
  }
}
