// What the head would attend to if it read something simple: one vector in place of what its query or its keys are
// computed from, prompt by prompt. Run on demand.

import type { ExperimentResult, ExperimentSpec } from "../../pkg/cpu/patchbay.js";
import { histogram } from "../charts/histogram.ts";
import { below, intervals, outlines } from "../charts/overlaid.ts";
import { byId } from "../dom.ts";
import { quoted } from "../format.ts";
import type { Lab } from "../lab.ts";
import type { Report } from "../protocol.ts";
import { stemOf } from "../result.ts";
import type { Runs } from "../run.ts";
import { type Shown, shown } from "../shown.ts";
import { inSlices } from "../slices.ts";
import { bootstrap } from "../statistics.ts";
import { readPanel, watchPanel } from "./decompose-form.ts";
import { conditionsOf } from "./experiment.ts";
import { addExports, type FigureFile, type Numbers } from "./export-buttons.ts";
import { longTable, showLongTable } from "./figures-table.ts";
import { bootstrapFor } from "./figures-words.ts";
import {
  binsOf,
  columnsOf,
  headOf,
  leftOutText,
  MEASURES,
  type Measure,
  meansTable,
  replacementsCsv,
} from "./replacements-text.ts";
import { caption } from "./result.ts";
import { BUSY, toldIn } from "./unasked.ts";

const status = byId("replace-status", HTMLElement);
const view = byId("replace-view", HTMLElement);
const host = byId("replace-plot", HTMLElement);

const TITLE = "If the head read something simple";

export function startReplacements(lab: Lab, runs: Runs): void {
  const panel = new ReplacementsPanel(lab, runs);
  shown.watch((now) => now && panel.follow(now));
}

class ReplacementsPanel {
  readonly #lab: Lab;
  readonly #runs: Runs;
  #run: Shown | null = null;
  #found: { of: Shown; result: ExperimentResult; name: string } | null = null;
  /** Of what is drawn. */
  #width = 0;
  /** Counts what is drawn: older drawings are of no use. */
  #turn = 0;

  constructor(lab: Lab, runs: Runs) {
    this.#lab = lab;
    this.#runs = runs;
    byId("replace-run", HTMLButtonElement).addEventListener("click", () => void this.#asked());
    watchPanel((name) => {
      if (name === "replace_values" || name === "replace_layout") void this.#draw();
    });
    new ResizeObserver(() => host.clientWidth !== this.#width && void this.#draw()).observe(host);
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
    view.classList.toggle("stale", this.#found !== null);
    status.textContent = this.#found === null ? "" : "This is of an earlier run.";
  }

  async #asked(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    if (this.#runs.busy) {
      status.textContent = BUSY;
      return;
    }
    const { replace_side: side, replace_name_mover: mover } = readPanel();
    const name_mover = headOf(mover);
    const named = side === "queries" && mover.trim() !== "";
    if (named && name_mover === null) {
      status.textContent = `Name mover: expected a layer and a head, such as 9.9, or nothing; found ${quoted(mover)}.`;
      return;
    }
    const spec: ExperimentSpec = {
      ...run.result.spec,
      experiment: side === "queries" ? "query_replacements" : "key_replacements",
      ...(named && name_mover !== null ? { name_mover } : {}),
    };
    const request = { source: run.source, device: run.settings.device, head: run.result.head, spec };
    status.textContent = "";
    const work = async (report: Report) => {
      const { result } = await this.#lab.run({ ...request, accuracy: false }, report);
      this.#found = { of: run, result, name: `${side}-replaced` };
      view.hidden = false;
      view.classList.remove("stale");
      byId("replace-left-out", HTMLElement).textContent = leftOutText(
        result,
        conditionsOf(result.experiment),
      );
      await this.#draw();
    };
    await this.#runs.work(toldIn(status, work), "The replacements are measured.");
  }

  async #draw(): Promise<void> {
    const found = this.#found;
    this.#width = host.clientWidth;
    if (found === null || host.clientWidth === 0) return;
    this.#turn += 1;
    const turn = this.#turn;
    const { replace_values, replace_layout } = readPanel();
    const measure = replace_values as Measure;
    const columns = columnsOf(found.result, measure);
    const bins = binsOf(columns);
    const values = columns.map(([, values]) => values);
    const means = await inSlices(bootstrap(values, bootstrapFor(found.of.result)), () => turn !== this.#turn);
    if (means === null) return;
    const estimates = means.map((it, i) => ({ ...it, condition: columns[i]?.[0] ?? "" }));
    const width = Math.max(260, Math.floor(host.clientWidth));
    const label = MEASURES[measure];
    const upper =
      replace_layout === "overlaid" ? outlines(bins, label, width) : histogram(bins, label, width);
    host.replaceChildren(below([upper, intervals(estimates, bins, width)]));
    showLongTable(byId("replace-table", HTMLElement), longTable(`Means: ${label}`, meansTable(estimates)));
  }

  #figure(): FigureFile | null {
    const [found, figure] = [this.#found, host.querySelector("svg")];
    if (found === null || figure === null) return null;
    const { name_mover } = found.result.spec;
    const mover = name_mover === undefined ? [] : [`name mover ${name_mover.join(".")}`];
    const source = [caption(found.of.result), ...mover, "dots: means with 95% CI, percentile bootstrap"];
    return { figure, stem: this.#stem(found), title: TITLE, source: source.join(" · ") };
  }

  #numbers(): Numbers | null {
    const found = this.#found;
    if (found === null) return null;
    const { model, origin } = found.of.result;
    return {
      stem: this.#stem(found),
      csv: () => replacementsCsv(found.result),
      json: () => ({ model, origin, ...found.result }),
    };
  }

  #stem({ result, name }: { result: ExperimentResult; name: string }): string {
    return stemOf(`${result.head.join(".")}-${name}`, result.spec.dataset);
  }
}
