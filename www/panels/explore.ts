// Effective embeddings: a token's neighbours in each of the places where tokens are vectors, and how much that of IO is
// what the head's key reads. On demand, with the shown run's model, head and dataset.

import type { NearestTokens, ResemblanceResult } from "../../pkg/cpu/patchbay.js";
import { makeReachable } from "../charts/grid.ts";
import { neighbourBars } from "../charts/neighbours.ts";
import { below, intervals, outlines } from "../charts/overlaid.ts";
import { byId } from "../dom.ts";
import type { Lab } from "../lab.ts";
import { stemOf } from "../result.ts";
import type { Runs } from "../run.ts";
import { type Shown, shown } from "../shown.ts";
import { inSlices } from "../slices.ts";
import { bootstrap, type Estimate } from "../statistics.ts";
import type { Task } from "../task.ts";
import { readPanel, watchPanel } from "./decompose-form.ts";
import {
  nearestCsv,
  nearestTable,
  neighboursOf,
  resemblanceColumns,
  resemblanceCsv,
  resemblanceTable,
  tokenText,
} from "./explore-text.ts";
import { addExports } from "./export-buttons.ts";
import { bootstrapFor } from "./figures-words.ts";
import { binsOf } from "./replacements-text.ts";
import { cleanCaption } from "./result.ts";
import { showTable } from "./table.ts";
import { BUSY, toldIn } from "./unasked.ts";

const status = byId("explore-status", HTMLElement);
const view = byId("explore-view", HTMLElement);
const neighbours = byId("explore-nearest-plot", HTMLElement);
const cosines = byId("explore-resemblance-plot", HTMLElement);

const NEIGHBOURS = 10;
const NEAREST = "Nearest tokens";
const RESEMBLANCE = "IO's embedding and what the head's key reads";

/** Of a run's head and dataset, whatever the token. */
interface Resemblance {
  resemblance: ResemblanceResult;
  /** Of its columns. */
  estimates: Estimate[];
}

interface Found extends Resemblance {
  of: Shown;
  /** As it was asked for. */
  token: string;
  nearest: NearestTokens;
}

/** What is saved of a part, and what its figure says beside the run. */
interface Part {
  name: string;
  words: string;
  csv: string;
  json: object;
}

export function startExplorer(lab: Lab, runs: Runs): void {
  const panel = new Explorer(lab, runs);
  shown.watch((now) => now && panel.follow(now));
}

class Explorer {
  readonly #lab: Lab;
  readonly #runs: Runs;
  #run: Shown | null = null;
  #found: Found | null = null;
  /** Of what is drawn. */
  #width = 0;

  constructor(lab: Lab, runs: Runs) {
    this.#lab = lab;
    this.#runs = runs;
    byId("explore-run", HTMLButtonElement).addEventListener("click", () => void this.#asked());
    for (const id of ["explore-nearest", "explore-resemblance"]) makeReachable(byId(id, HTMLTableElement));
    watchPanel((name) => name === "explore_token" && this.#markStale());
    new ResizeObserver(() => view.clientWidth !== this.#width && this.#draw()).observe(view);
    this.#addFiles("explore-nearest-files", NEAREST, neighbours, ({ nearest }) => ({
      name: "nearest",
      words: `token ${tokenText(nearest.text)}`,
      csv: nearestCsv(nearest),
      json: { nearest },
    }));
    this.#addFiles("explore-resemblance-files", RESEMBLANCE, cosines, ({ resemblance }) => ({
      name: "resemblance",
      words: "dots: means with 95% CI, percentile bootstrap",
      csv: resemblanceCsv(resemblance),
      json: { resemblance },
    }));
  }

  /** The page shows another run. */
  follow(run: Shown): void {
    this.#run = run;
    status.textContent = "";
    this.#markStale();
  }

  #markStale(): void {
    const { of, token } = this.#found ?? {};
    const current = of === this.#run && token === readPanel().explore_token;
    const stale = this.#found !== null && !current;
    byId("explore-stale", HTMLElement).hidden = !stale;
    view.classList.toggle("stale", stale);
  }

  async #asked(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    if (this.#runs.busy) {
      status.textContent = BUSY;
      return;
    }
    status.textContent = "";
    const token = readPanel().explore_token;
    const work = async (task: Task) => {
      const spec = { analysis: "nearest", tokens: [token], count: NEIGHBOURS };
      const { result } = await this.#lab.job<NearestTokens[]>({ ...requestFor(run), spec }, task);
      const [nearest] = result;
      if (nearest === undefined) return;
      const known = this.#found?.of === run ? this.#found : await this.#resemble(run, task);
      const { resemblance, estimates } = known;
      this.#show({ of: run, token, nearest, resemblance, estimates });
    };
    await this.#runs.work(toldIn(status, work), "The embeddings are compared.");
  }

  async #resemble(run: Shown, task: Task): Promise<Resemblance> {
    const { layer, head, dataset } = run.result.spec;
    const spec = { analysis: "resemblance", spec: { layer, head, dataset } };
    const request = { ...requestFor(run), spec };
    const { result: resemblance } = await this.#lab.job<ResemblanceResult>(request, task);
    const columns = resemblanceColumns(resemblance).map(([, values]) => values);
    return { resemblance, estimates: await inSlices(bootstrap(columns, bootstrapFor(run.result))) };
  }

  #show(found: Found): void {
    this.#found = found;
    const { nearest, resemblance, estimates } = found;
    view.hidden = false;
    this.#markStale();
    byId("explore-token-title", HTMLElement).textContent = `Nearest to ${tokenText(nearest.text)} by cosine`;
    showTable(byId("explore-nearest", HTMLTableElement), NEAREST, nearestTable(nearest));
    const means = resemblanceTable(resemblance, estimates);
    showTable(byId("explore-resemblance", HTMLTableElement), RESEMBLANCE, means);
    this.#draw();
  }

  #draw(): void {
    const found = this.#found;
    this.#width = view.clientWidth;
    if (found === null || view.clientWidth === 0) return;
    const width = Math.max(260, Math.floor(view.clientWidth));
    neighbours.replaceChildren(neighbourBars(neighboursOf(found.nearest), width));
    const columns = resemblanceColumns(found.resemblance);
    const bins = binsOf(columns);
    const means = found.estimates.map((it, i) => ({ ...it, condition: columns[i]?.[0] ?? "" }));
    cosines.replaceChildren(below([outlines(bins, "cosine", width), intervals(means, bins, width)]));
  }

  #addFiles(id: string, title: string, host: HTMLElement, of: (found: Found) => Part): void {
    const stem = ({ of: { result } }: Found, name: string) =>
      stemOf(`${result.head.join(".")}-${name}`, result.spec.dataset);
    addExports(
      id,
      title,
      () => {
        const [found, figure] = [this.#found, host.querySelector("svg")];
        if (found === null || figure === null) return null;
        const { name, words } = of(found);
        const source = `${cleanCaption(found.of.result)} · ${words}`;
        return { figure, stem: stem(found, name), title, source };
      },
      () => {
        const found = this.#found;
        if (found === null) return null;
        const { name, csv, json } = of(found);
        const { model, origin } = found.of.result;
        return { stem: stem(found, name), csv: () => csv, json: () => ({ model, origin, ...json }) };
      },
    );
  }
}

function requestFor({ source, settings, result }: Shown) {
  return { source, device: settings.device, head: result.head };
}
