// The page: form → lab → worker → panels. This file only ties them together.

import { setState } from "./automation.ts";
import { byId } from "./dom.ts";
import { type Problem, problemOf } from "./errors.ts";
import { openingSettings, type Texts, textsOf } from "./fields.ts";
import { chooseModel, readForm, watchForm, writeForm } from "./form.ts";
import { Lab } from "./lab.ts";
import { copyLink, openLink } from "./link.ts";
import { keepSite } from "./offline/keep-site.ts";
import { startAttention } from "./panels/attention.ts";
import { DatasetPanel } from "./panels/dataset.ts";
import { startDecompose } from "./panels/decompose.ts";
import { knowExperiments, showExperiment } from "./panels/experiment.ts";
import { startExplorer } from "./panels/explore.ts";
import { startFigures } from "./panels/figures.ts";
import { startHeads } from "./panels/heads.ts";
import { offerAnotherTry, showProblem } from "./panels/message.ts";
import { OwnPrompts } from "./panels/own-prompts.ts";
import { startReplacements } from "./panels/replacements.ts";
import { ReproducePanel } from "./panels/reproduce.ts";
import { showResult, watchDownloads } from "./panels/result.ts";
import { RunsPanel } from "./panels/runs.ts";
import { StoredPanel } from "./panels/stored.ts";
import { startTerms } from "./panels/terms.ts";
import { LivePreview } from "./preview.ts";
import { pageResult } from "./result.ts";
import { Runs } from "./run.ts";
import { shown } from "./shown.ts";
import { ShownPrompts } from "./shown-prompts.ts";
import { HUB_ID, MINI_ID } from "./sources.ts";

async function start(): Promise<void> {
  const lab = new Lab();
  const [defaults, experiments] = await needed(() => Promise.all([lab.defaults(), lab.experiments()]));
  writeForm(textsOf(openingSettings(defaults)));
  knowExperiments(experiments);
  startTerms();
  const explain = () => showExperiment(readForm().experiment);
  explain();

  /** The form's texts when the shown result was asked for. */
  let resultOf: string | null = null;
  const markStale = () => {
    const differs = resultOf !== null && resultOf !== JSON.stringify(readForm());
    byId("stale", HTMLElement).hidden = !differs;
  };

  const preview = new LivePreview(lab, defaults);
  const stored = new StoredPanel(lab);
  const runs = new Runs(lab, defaults, {
    done: async (settings, source, reply, asked) => {
      const result = pageResult(settings.model, reply);
      await shown.tell({ asked, settings, source, result, model: reply.model });
      stored.tellUnstored(reply.origin.unstored);
      if (reply.origin.from === "storage" || reply.origin.from === "memory") void stored.compare(source);
    },
    ended: () => void stored.refresh(),
  });

  // Before all panels, which may need room on the page that the result takes.
  shown.watch((now) => {
    if (now === null) return;
    showResult(now, defaults);
    window.patchbay.result = now.result;
    resultOf = JSON.stringify(now.asked);
    markStale();
  });
  const prompts = new ShownPrompts(lab, runs);
  /** As if by hand. `marking`: see `LivePreview.now`. */
  const fillIn = (texts: Texts, { marking = true } = {}) => {
    writeForm(texts);
    explain();
    markStale();
    stored.showKept();
    void preview.now({ marking });
  };

  startAttention(lab, runs);
  startHeads(lab, runs, (layer, head) => {
    const startable = runs.startable;
    fillIn({ ...readForm(), layer: String(layer), head: String(head) }, { marking: !startable });
    void runs.start();
    return startable;
  });

  startDecompose(lab, runs);
  startReplacements(lab, runs);
  startExplorer(lab, runs);

  const followLink = async () => {
    const refused = await needed(() => openLink(lab, defaults));
    explain();
    markStale();
    stored.showKept();
    await preview.now();
    runs.open();
    if (runs.busy) return;
    window.patchbay.error = refused === null ? null : { name: "BadLink", message: refused };
    // The model that comes with the page costs no download, so its result is there unasked.
    if (refused === null && readForm().model === MINI_ID) void runs.start({ own: true });
    else setState(refused === null ? "ready" : "error");
  };

  new RunsPanel(fillIn);
  new ReproducePanel(prompts);
  new DatasetPanel(prompts);
  new OwnPrompts(lab, runs);
  startFigures(prompts, defaults);
  watchDownloads();
  watchForm(defaults, {
    edited: () => {
      explain();
      markStale();
      stored.showKept();
      preview.soon();
    },
    submitted: () => {
      void preview.now({ marking: false });
      void runs.start();
    },
  });
  byId("cancel", HTMLButtonElement).addEventListener("click", () => runs.cancel());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") runs.cancel();
  });
  byId("real", HTMLButtonElement).addEventListener("click", () => chooseModel(HUB_ID));
  byId("share", HTMLButtonElement).addEventListener("click", () => void copyLink(defaults));
  window.addEventListener("hashchange", () => void followLink().catch(fail));

  await followLink();
  void stored.refresh();
  // Last: it must not compete with what the page itself needs.
  void keepSite();
}

/** What the page cannot be opened without. */
async function needed<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      tellTools(problemOf(error));
      await offerAnotherTry(problemOf(error));
    }
  }
}

function fail(error: unknown): void {
  const problem = problemOf(error);
  showProblem(problem);
  tellTools(problem);
}

function tellTools({ name, message }: Problem): void {
  window.patchbay.error = { name, message };
  setState("error");
}

start().catch(fail);
