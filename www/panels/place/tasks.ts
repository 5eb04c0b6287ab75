// What "Place or name?" asks: the experiment at one head, and at all of them.

import type { ExperimentResult } from "../../../pkg/cpu/patchbay.js";
import { asked } from "../asked.ts";

export const experiment = asked<ExperimentResult>("experiment");

export const sweep = asked("sweep");

/** So many layers and prompts are asked unasked, once the model is there: it takes about a second. */
const FEW_LAYERS = 4;
const FEW_PROMPTS = 300;

/** Whether the run of the last answer, and that of all heads, is over at once. */
export function isQuick(): boolean {
  const reply = experiment.answer.value?.reply;
  if (reply === undefined) return false;
  const [clean] = Object.values(reply.result.conditions);
  return reply.model.n_layer <= FEW_LAYERS && (clean?.diff.length ?? 0) <= FEW_PROMPTS;
}
