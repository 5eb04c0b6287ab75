// What the page asks by itself: of so small a model, and so few prompts, each question is over in about a second.

import { runCount } from "../store/prompts.ts";
import { info, texts } from "../store/session.ts";

const FEW_LAYERS = 4;
const FEW_PROMPTS = 300;

export const hasFewLayers = (): boolean => (info.value?.n_layer ?? Number.POSITIVE_INFINITY) <= FEW_LAYERS;

export function isSmall(): boolean {
  // Before the prompts have been read, as many as are drawn.
  return hasFewLayers() && (runCount.value || Number(texts.value.n)) <= FEW_PROMPTS;
}
