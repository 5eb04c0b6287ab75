// Why the head attends: the shown run's score, taken apart by what the layers below wrote. Small models are taken
// apart by themselves.

import type { DecompositionResult } from "../../pkg/cpu/patchbay.js";
import { byId } from "../dom.ts";
import { CANCELLED, isNamed, messageOf } from "../errors.ts";
import { identityKey } from "../identity.ts";
import type { Lab } from "../lab.ts";
import { decompositionSpec } from "../panel-fields.ts";
import { stemOf } from "../result.ts";
import type { Runs } from "../run.ts";
import { type Shown, shown } from "../shown.ts";
import type { Task } from "../task.ts";
import { readPanel, settle, watchPanel } from "./decompose-form.ts";
import {
  accountingText,
  componentMaps,
  decompositionCsv,
  decompositionTable,
  shapeOf,
  specText,
} from "./decompose-text.ts";
import { ComponentsView } from "./decompose-view.ts";
import { addExports, type FigureFile, type Numbers } from "./export-buttons.ts";
import { showLongTable } from "./figures-table.ts";
import type { DescribePairs } from "./largest.ts";
import { PairsView } from "./pairs.ts";
import { cleanCaption } from "./result.ts";
import { BUSY, isSmall, Unasked } from "./unasked.ts";

const button = byId("decompose-run", HTMLButtonElement);
const status = byId("decompose-status", HTMLElement);
const view = byId("decompose-view", HTMLElement);
const accounting = byId("decompose-accounting", HTMLElement);

const TITLE = "Why the head attends";

export function startDecompose(lab: Lab, runs: Runs): void {
  const panel = new DecomposePanel(lab, runs);
  shown.watch((now) => now && panel.follow(now));
}

class DecomposePanel {
  readonly #lab: Lab;
  readonly #runs: Runs;
  readonly #components = new ComponentsView();
  readonly #pairs: PairsView;
  /** The run that the page shows. */
  #run: Shown | null = null;
  /** What is shown, and what it holds for. */
  #found: { key: string; of: Shown; result: DecompositionResult } | null = null;
  readonly #unasked: Unasked;

  constructor(lab: Lab, runs: Runs) {
    this.#lab = lab;
    this.#runs = runs;
    this.#unasked = new Unasked(runs);
    this.#pairs = new PairsView(() => this.#words());
    settle();
    watchPanel((name) => {
      if (name === "decompose_threshold" || name === "decompose_zoom") this.#pairs.redraw();
      else if (name === "decompose_marks") this.#pairs.remark();
      else this.#changed();
    });
    button.addEventListener("click", () => void this.#asked());
    addExports(
      "decompose-files",
      TITLE,
      () => this.#figure(),
      () => this.#numbers(),
    );
  }

  /** The page shows another run. */
  follow(run: Shown): void {
    this.#run = run;
    byId("decompose", HTMLElement).hidden = false;
    this.#say("");
    this.#changed();
  }

  get #spec() {
    return this.#run === null ? null : decompositionSpec(readPanel(), this.#run.result.spec);
  }

  get #key(): string {
    const result = this.#run?.result;
    return JSON.stringify([result?.model, result && identityKey(result.origin), this.#spec]);
  }

  get #current(): boolean {
    return this.#found !== null && this.#found.key === this.#key;
  }

  /** Other settings, or another run. */
  #changed(): void {
    const run = this.#run;
    if (run === null) return;
    this.#say("");
    if (isSmall(run) && !this.#current) void this.#takeApartUnasked();
  }

  async #asked(): Promise<void> {
    if (this.#run === null) return;
    if (this.#runs.busy) {
      this.#say(BUSY);
      return;
    }
    this.#unasked.drop();
    const work = async (task: Task) => {
      try {
        await this.#takeApart(task);
      } catch (error) {
        this.#failed(error);
        throw error;
      }
    };
    await this.#runs.work(work, "The score is taken apart.");
  }

  async #takeApartUnasked(): Promise<void> {
    try {
      await this.#unasked.begin((task) => this.#takeApart(task));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#say(isNamed(error, CANCELLED) ? "It was not taken apart." : messageOf(error));
  }

  async #takeApart(task: Task): Promise<void> {
    const [run, spec, key] = [this.#run, this.#spec, this.#key];
    if (run === null || spec === null) return;
    const { source, settings, result } = run;
    const asked = { analysis: "decompose", spec };
    const request = { source, device: settings.device, head: result.head, spec: asked };
    this.#say("Taking the score apart…");
    try {
      const { result } = await this.#lab.job<DecompositionResult>(request, task);
      this.#found = { key, of: run, result };
      this.#show(result);
    } finally {
      this.#say("");
    }
  }

  #show(result: DecompositionResult): void {
    view.hidden = false;
    accounting.textContent = accountingText(result);
    accounting.className = result.accounting.holds ? "" : "message wrong";
    byId("decompose-what", HTMLElement).textContent = specText(result.spec);
    if (result.spec.decompose_by === "both") {
      this.#components.hide();
      this.#pairs.show(result);
    } else {
      this.#pairs.hide();
      this.#components.show(componentMaps(result), shapeOf(result));
    }
    showLongTable(byId("decompose-table", HTMLElement), decompositionTable(result));
  }

  #figure(): FigureFile | null {
    const [words, figure] = [this.#words(), this.#components.figure ?? this.#pairs.figure];
    return words === null || figure === null ? null : { ...words, figure };
  }

  /** What files say of the run. */
  #words(): ReturnType<DescribePairs> {
    const found = this.#found;
    if (found === null) return null;
    const { result, of } = found;
    const source = [cleanCaption(of.result), specText(result.spec), accountingText(result)].join(" · ");
    const { model, origin } = of.result;
    return { stem: this.#stem(result), title: TITLE, source, about: { model, origin } };
  }

  #numbers(): Numbers | null {
    const [found, words] = [this.#found, this.#words()];
    if (found === null || words === null) return null;
    return {
      stem: words.stem,
      csv: () => decompositionCsv(found.result),
      json: () => ({ ...words.about, ...found.result }),
    };
  }

  #stem({ head, spec }: DecompositionResult): string {
    return stemOf(`${head.join(".")}-by-${spec.decompose_by}`, spec.dataset);
  }

  #say(news: string): void {
    status.textContent = news;
    byId("decompose-stale", HTMLElement).hidden = this.#found === null || this.#current;
    view.classList.toggle("stale", this.#found !== null && !this.#current);
  }
}
