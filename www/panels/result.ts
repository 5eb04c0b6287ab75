// A finished run: caption, table, facts, and its numbers as files. Its figures are in figures.ts.

import type { ExperimentSpec } from "../../pkg/cpu/patchbay.js";
import { byId } from "../dom.ts";
import { save } from "../export.ts";
import { TERMS } from "../glossary.ts";
import { csv, fileStem, notebookFigures, type PageResult } from "../result.ts";
import { type Shown, shown } from "../shown.ts";
import { inSlices } from "../slices.ts";
import { MINI_ID, modelName } from "../sources.ts";
import type { Estimate } from "../statistics.ts";
import { conditionName } from "./experiment.ts";
import { showFacts } from "./facts.ts";
import { withIntervals } from "./figures-words.ts";
import { showTable, tableText } from "./table.ts";
import { term, withTerms } from "./terms.ts";

export function showResult(now: Shown, defaults: ExperimentSpec): void {
  const { result, model } = now;
  byId("settings", HTMLElement).replaceChildren(...withTerms(caption(result)));
  byId("toy", HTMLElement).hidden = result.model !== MINI_ID;
  showMeans(now, defaults, null);
  showFacts(result, model);
  const section = byId("result", HTMLElement);
  section.hidden = false;
  // On a narrow screen the result is below the form; after a long scroll it is above.
  const { top } = section.getBoundingClientRect();
  if (top < 0 || top > window.innerHeight) section.scrollIntoView();
}

/** The table, without or with confidence intervals. */
export function showMeans(
  { result }: Shown,
  defaults: ExperimentSpec,
  estimates: ReadonlyMap<string, Estimate> | null,
): void {
  const notebook = notebookFigures(result, defaults);
  byId("notebook-note", HTMLElement).hidden = notebook === null;
  const text = withIntervals(tableText(result, notebook), estimates);
  showTable(byId("results", HTMLTableElement), "Mean attention score by condition", text, {
    column: (heading) =>
      heading === "change" ? [term(heading, heading, TERMS.change.text)] : withTerms(heading),
    row: (name) => conditionName(result.experiment, name),
  });
}

/** Which run it is, in one line. `what`: of the model, it is. */
export function caption(result: PageResult, what?: string): string {
  const { flip, freeze_ln } = result.spec;
  return [
    cleanCaption(result, what),
    `flip ${flip}`,
    `LayerNorm scale ${freeze_ln ? "frozen" : "live"}`,
  ].join(" · ");
}

/** The same of what needs no flip and leaves LayerNorm's scale as it is in the clean run, whatever the run's settings. */
export function cleanCaption({ model, head, spec }: PageResult, what = `Head ${head.join(".")}`): string {
  const { n, seed, symmetric, prompt_type, prepend_bos, prompts } = spec.dataset;
  const bos = prepend_bos ? "BOS" : "no BOS";
  return [
    `${what} of ${modelName(model)}`,
    prompts === undefined
      ? `${n} prompts, seed ${seed}, ${prompt_type}${symmetric ? ", symmetric" : ""}, ${bos}`
      : `${prompts.length} own prompts, seed ${seed}, ${bos}`,
  ].join(" · ");
}

export function watchDownloads(): void {
  byId("download-json", HTMLButtonElement).addEventListener("click", () => {
    const result = shown.value?.result;
    if (result)
      save(
        `${fileStem(result)}.json`,
        new Blob([JSON.stringify(result, null, 2)], { type: "application/json" }),
      );
  });
  byId("download-csv", HTMLButtonElement).addEventListener("click", () => {
    if (shown.value) void saveRows(shown.value);
  });
}

async function saveRows({ result }: Shown): Promise<void> {
  const lines = await inSlices(csv(result));
  save(`${fileStem(result)}.csv`, new Blob(lines, { type: "text/csv" }));
}
