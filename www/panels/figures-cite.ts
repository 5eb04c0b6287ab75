// A line by which others can find and repeat this run.

import { version } from "../../package.json";
import { copyText } from "../clipboard.ts";
import { byId } from "../dom.ts";
import { hashes } from "../identity.ts";
import type { PageResult } from "../result.ts";
import { FOLDER_ID, URL_PREFIX } from "../sources.ts";

/** When a result was first shown, which is when it was computed: it may be shown again. */
const dates = new WeakMap<PageResult, Date>();

export function showCitation(result: PageResult): void {
  const date = dates.get(result) ?? new Date();
  dates.set(result, date);
  byId("cite-text", HTMLElement).textContent = citation(result, date);
  byId("cite-status", HTMLElement).textContent = "";
}

export function citation({ model, origin, head, spec, experiment, device }: PageResult, date: Date): string {
  const { dataset, flip, freeze_ln } = spec;
  const { n, seed, symmetric, prompt_type, prepend_bos, prompts } = dataset;
  const named = model === FOLDER_ID ? "a model from a folder" : model.replace(URL_PREFIX, "");
  const made =
    prompts === undefined
      ? [`n=${n}`, `seed ${seed}`, prompt_type, symmetric ? "symmetric" : "not symmetric"]
      : [`${prompts.length} own prompts`, `seed ${seed}`];
  return `${[
    `Patchbay ${version}`,
    `${named}${origin.revision === null ? "" : `, revision ${origin.revision}`}, SHA-256 ${hashes(origin)
      .map(({ part, sha256 }) => `${sha256.slice(0, 12)} (${part})`)
      .join(", ")}`,
    `${experiment.replaceAll("_", " ")}, head ${head.join(".")}`,
    [
      ...made,
      prepend_bos ? "BOS" : "no BOS",
      `flip "${flip}"`,
      `LayerNorm scale ${freeze_ln ? "frozen" : "live"}`,
      device.toUpperCase(),
    ].join(", "),
    date.toISOString().slice(0, 10),
  ].join("; ")}.`;
}

export function watchCopying(): void {
  const text = byId("cite-text", HTMLElement);
  const status = byId("cite-status", HTMLElement);
  byId("cite-copy", HTMLButtonElement).addEventListener("click", async () => {
    try {
      await copyText(Promise.resolve(text.textContent ?? ""));
      status.textContent = "Copied.";
    } catch {
      // No permission, or no clipboard outside of https.
      getSelection()?.selectAllChildren(text);
      status.textContent = "The clipboard is not available. The line is selected: copy it from here.";
    }
  });
}
