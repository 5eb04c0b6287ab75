// Effective embeddings: a token's neighbours in each of the places where tokens are vectors, and how much that of IO is
// what the head's key reads. On demand, with the shown run's model, head and dataset.

import type { NearestTokens, ResemblanceResult } from "../../pkg/cpu/patchbay.js";
import { makeReachable } from "../charts/grid.ts";
import { byId } from "../dom.ts";
import type { Lab } from "../lab.ts";
import type { Report } from "../protocol.ts";
import { stemOf } from "../result.ts";
import type { Runs } from "../run.ts";
import { type Shown, shown } from "../shown.ts";
import { inSlices } from "../slices.ts";
import { readPanel } from "./decompose-form.ts";
import { nearestCsv, nearestTable, resemblanceTable, tokenText } from "./explore-text.ts";
import { numberButtons } from "./export-buttons.ts";
import { bootstrapFor } from "./figures-words.ts";
import { showTable } from "./table.ts";
import { BUSY, toldIn } from "./unasked.ts";

const status = byId("explore-status", HTMLElement);
const view = byId("explore-view", HTMLElement);

const NEIGHBOURS = 10;

export function startExplorer(lab: Lab, runs: Runs): void {
  const panel = new Explorer(lab, runs);
  shown.watch((now) => now && panel.follow(now));
}

class Explorer {
  readonly #lab: Lab;
  readonly #runs: Runs;
  #run: Shown | null = null;
  #found: { of: Shown; nearest: NearestTokens; resemblance: ResemblanceResult } | null = null;

  constructor(lab: Lab, runs: Runs) {
    this.#lab = lab;
    this.#runs = runs;
    byId("explore-run", HTMLButtonElement).addEventListener("click", () => void this.#asked());
    for (const id of ["explore-nearest", "explore-resemblance"]) makeReachable(byId(id, HTMLTableElement));
    const buttons = numberButtons("Effective embeddings", status, () => {
      const found = this.#found;
      if (found === null) return null;
      const { model, origin, head, spec } = found.of.result;
      return {
        stem: stemOf(`${head.join(".")}-embeddings`, spec.dataset),
        csv: () => nearestCsv(found.nearest),
        json: () => ({ model, origin, nearest: found.nearest, resemblance: found.resemblance }),
      };
    });
    byId("explore-files", HTMLElement).append(...buttons);
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
    const { layer, head, dataset } = run.result.spec;
    const request = { source: run.source, device: run.settings.device, head: [layer, head] as const };
    status.textContent = "";
    const work = async (report: Report) => {
      const asked = { ...request, tokens: [readPanel().explore_token], count: NEIGHBOURS };
      const [nearest] = await this.#lab.nearest(asked, report);
      const spec = { layer, head, dataset };
      const resemblance = await this.#lab.resemblance({ ...request, spec }, report);
      if (nearest === undefined) return;
      this.#found = { of: run, nearest, resemblance };
      await this.#show(run, nearest, resemblance);
    };
    await this.#runs.work(toldIn(status, work), "The embeddings are compared.");
  }

  async #show(run: Shown, nearest: NearestTokens, resemblance: ResemblanceResult): Promise<void> {
    const text = await inSlices(resemblanceTable(resemblance, bootstrapFor(run.result)));
    view.hidden = false;
    view.classList.remove("stale");
    byId("explore-token-title", HTMLElement).textContent = `Nearest to ${tokenText(nearest.text)} by cosine`;
    showTable(byId("explore-nearest", HTMLTableElement), "Nearest tokens", nearestTable(nearest));
    showTable(byId("explore-resemblance", HTMLTableElement), "Resemblance", text);
  }
}
