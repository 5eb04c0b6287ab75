// The chosen task's examples as the model reads them: what of them is shown, and why some are left out.

import type { ExamplesResult, TaskSpec } from "../../../pkg/cpu/patchbay.js";
import { filled, names, rows } from "../../store/pairs.ts";
import { atHand, taskOf } from "../../store/prompts.ts";
import { panel } from "../../store/run.ts";
import { task, texts } from "../../store/session.ts";
import { Task } from "../../store/tasks/task.ts";
import { keepAsked } from "../../store/tasks/unasked.ts";

/** IOI's are known without a model. */
function wanted(): TaskSpec | null {
  if (task.value !== "pairs") return task.value === "ioi" ? null : taskOf();
  const prompts = filled(rows.value);
  const prepend_bos = texts.value.prepend_bos === "true";
  return prompts.length === 0 ? null : { task: "pairs", prompts, word_idxs: names.value, prepend_bos };
}

export const shown = new Task<ExamplesResult>({
  name: "examples",
  wants: () => {
    const spec = wanted();
    return spec === null ? null : { spec: { analysis: "examples", spec } };
  },
});

let begun = false;

export function keepShown(): void {
  if (begun) return;
  begun = true;
  keepAsked(shown, { when: () => panel.value?.name === "prompts" && atHand.value, quiet: true });
}
