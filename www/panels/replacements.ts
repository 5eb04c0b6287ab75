// What the head would attend to if it read something simple: one vector in place of what its query or its keys are
// computed from, prompt by prompt. Run on demand.

import type { ExperimentResult, ExperimentSpec } from "../../pkg/cpu/patchbay.js";
import { histogram } from "../charts/histogram.ts";
import { below, intervals, outlines } from "../charts/overlaid.ts";
import { byId } from "../dom.ts";
import { quoted } from "../format.ts";
import type { Lab } from "../lab.ts";
import { stemOf } from "../result.ts";
import type { Runs } from "../run.ts";
import { type Shown, shown } from "../shown.ts";
import { inSlices } from "../slices.ts";
import { bootstrap } from "../statistics.ts";
import type { Task } from "../task.ts";
import { readPanel, watchPanel } from "./decompose-form.ts";
import { conditionsOf } from "./experiment.ts";
import { addExports, type FigureFile, type Numbers } from "./export-buttons.ts";
import { longTable, showLongTable } from "./figures-table.ts";
import { bootstrapFor, meansTable } from "./figures-words.ts";
import {
  binsOf,
  columnsOf,
  headOf,
  MEASURES,
  type Measure,
  replacementsCsv,
  whatText,
} from "./replacements-text.ts";
import { cleanCaption } from "./result.ts";
import { BUSY, toldIn } from "./unasked.ts";

const status = byId("replace-status", HTMLElement);
const section = byId("replace", HTMLElement);
/** Hidden until something is drawn. */
const view = byId("replace-view", HTMLElement);
const host = byId("replace-plot", HTMLElement);

const TITLE = "If the head read something simple";

export function startReplacements(lab: Lab, runs: Runs): void {
  const panel = new ReplacementsPanel(lab, runs);
  shown.watch((now) => now && panel.follow(now));
}

interface Found {
  of: Shown;
  spec: ExperimentSpec;
  result: ExperimentResult;
}

class ReplacementsPanel {
  readonly #lab: Lab;
  readonly #runs: Runs;
  #run: Shown | null = null;
  /** What was measured last; drawn once its intervals are there. */
  #found: Found | null = null;
  /** What is drawn. */
  #drawn: Found | null = null;
  #width = 0;
  /** Counts what is drawn: older drawings are of no use. */
  #turn = 0;

  constructor(lab: Lab, runs: Runs) {
    this.#lab = lab;
    this.#runs = runs;
    byId("replace-run", HTMLButtonElement).addEventListener("click", () => void this.#asked());
    watchPanel((name) => {
      if (name === "replace_values" || name === "replace_layout") void this.#draw();
      else this.#markStale();
    });
    new ResizeObserver(() => section.clientWidth !== this.#width && void this.#draw()).observe(section);
    addExports(
      "replace-files",
      TITLE,
      () => this.#figure(),
      () => this.#numbers(),
    );
  }

  /** The page shows another run. */
  follow(run: Shown): void {
    this.#run = run;
    status.textContent = "";
    this.#markStale();
  }

  #markStale(): void {
    const { of, spec } = this.#drawn ?? {};
    const current = of === this.#run && JSON.stringify(spec) === JSON.stringify(this.#spec());
    const stale = this.#drawn !== null && !current;
    byId("replace-stale", HTMLElement).hidden = !stale;
    view.classList.toggle("stale", stale);
  }

  /** What the fields ask of the shown run's head; null where they name no name mover. */
  #spec(): ExperimentSpec | null {
    if (this.#run === null) return null;
    const { replace_side: side, replace_name_mover: mover } = readPanel();
    const { spec } = this.#run.result;
    if (side === "keys") return { ...spec, experiment: "key_replacements" };
    const asked: ExperimentSpec = { ...spec, experiment: "query_replacements" };
    if (mover.trim() === "") return asked;
    const name_mover = headOf(mover);
    return name_mover === null ? null : { ...asked, name_mover };
  }

  async #asked(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    if (this.#runs.busy) {
      status.textContent = BUSY;
      return;
    }
    const spec = this.#spec();
    if (spec === null) {
      const found = quoted(readPanel().replace_name_mover);
      status.textContent = `Name mover: expected a layer and a head, such as 9.9, or nothing; found ${found}.`;
      return;
    }
    const asked = { analysis: "experiment", spec };
    const request = { source: run.source, device: run.settings.device, head: run.result.head, spec: asked };
    status.textContent = "";
    const work = async (task: Task) => {
      const { result } = await this.#lab.job<ExperimentResult>(request, task);
      this.#found = { of: run, spec, result };
      await this.#draw();
    };
    await this.#runs.work(toldIn(status, work), "The replacements are measured.");
  }

  async #draw(): Promise<void> {
    const found = this.#found;
    this.#width = section.clientWidth;
    if (found === null || section.clientWidth === 0) return;
    this.#turn += 1;
    const turn = this.#turn;
    const { replace_values, replace_layout } = readPanel();
    const measure = replace_values as Measure;
    const columns = columnsOf(found.result, measure);
    const bins = binsOf(columns);
    const values = columns.map(([, values]) => values);
    const means = await inSlices(bootstrap(values, bootstrapFor(found.of.result)), () => turn !== this.#turn);
    if (means === null) return;
    const names = columns.map(([name]) => name);
    const estimates = means.map((it, i) => ({ ...it, condition: names[i] ?? "" }));
    const width = Math.max(260, Math.floor(section.clientWidth));
    const label = MEASURES[measure];
    const upper =
      replace_layout === "overlaid" ? outlines(bins, label, width) : histogram(bins, label, width);
    host.replaceChildren(below([upper, intervals(estimates, bins, width)]));
    showLongTable(byId("replace-table", HTMLElement), longTable(`Means: ${label}`, meansTable(names, means)));
    byId("replace-what", HTMLElement).textContent = this.#what(found);
    this.#drawn = found;
    view.hidden = false;
    this.#markStale();
  }

  #what({ result }: Found): string {
    return whatText(result, conditionsOf(result.experiment));
  }

  #figure(): FigureFile | null {
    const [drawn, figure] = [this.#drawn, host.querySelector("svg")];
    if (drawn === null || figure === null) return null;
    const words = [
      "LayerNorm scale frozen",
      this.#what(drawn),
      "dots: means with 95% CI, percentile bootstrap",
    ];
    const source = [cleanCaption(drawn.of.result), ...words].join(" · ");
    return { figure, stem: stemFor(drawn), title: TITLE, source };
  }

  #numbers(): Numbers | null {
    const drawn = this.#drawn;
    if (drawn === null) return null;
    const { model, origin } = drawn.of.result;
    return {
      stem: stemFor(drawn),
      csv: () => replacementsCsv(drawn.result),
      json: () => ({ model, origin, ...drawn.result }),
    };
  }
}

function stemFor({ result }: Found): string {
  return stemOf(`${result.head.join(".")}-${result.experiment.replace("_", "-")}`, result.spec.dataset);
}
