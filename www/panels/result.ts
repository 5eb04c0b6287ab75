// A finished run: caption, table, chart, facts, and the files to take away.

import type { ExperimentSpec } from "../../pkg/cpu/patchbay.js";
import { conditionBars } from "../charts/conditions.ts";
import { byId } from "../dom.ts";
import { csv, fileStem, notebookFigures, type PageResult } from "../result.ts";
import { type Shown, shown } from "../shown.ts";
import { MINI_ID, modelName } from "../sources.ts";
import { showFacts } from "./facts.ts";
import { save } from "./save.ts";
import { showTable, tableText } from "./table.ts";

export function showResult({ result, rows, model }: Shown, defaults: ExperimentSpec): void {
  byId("settings", HTMLElement).textContent = caption(result);
  byId("toy", HTMLElement).hidden = result.model !== MINI_ID;
  const notebook = notebookFigures(result, defaults);
  const means = tableText(result, notebook);
  byId("notebook-note", HTMLElement).hidden = notebook === null;
  showTable(byId("results", HTMLTableElement), "Mean attention score by condition", means);
  byId("chart", HTMLElement).replaceChildren(conditionBars(rows.filter((row) => row.position === "IO-S1")));
  showFacts(result, model);
  const section = byId("result", HTMLElement);
  section.hidden = false;
  // On a narrow screen the result is below the form; after a long scroll it is above.
  const { top } = section.getBoundingClientRect();
  if (top < 0 || top > window.innerHeight) section.scrollIntoView();
}

function caption({ model, head, spec }: PageResult): string {
  const { n, seed, symmetric, prompt_type, prepend_bos } = spec.dataset;
  return [
    `Head ${head.join(".")} of ${modelName(model)}`,
    `${n} prompts, seed ${seed}, ${prompt_type}${symmetric ? ", symmetric" : ""}${prepend_bos ? ", BOS" : ", no BOS"}`,
    `flip ${spec.flip}`,
    `LayerNorm scale ${spec.freeze_ln ? "frozen" : "live"}`,
  ].join(" · ");
}

export function watchDownloads(): void {
  byId("download-json", HTMLButtonElement).addEventListener("click", () => {
    const result = shown.value?.result;
    if (result) save(`${fileStem(result)}.json`, "application/json", JSON.stringify(result, null, 2));
  });
  byId("download-csv", HTMLButtonElement).addEventListener("click", () => {
    if (shown.value) save(`${fileStem(shown.value.result)}.csv`, "text/csv", csv(shown.value.rows));
  });
}
