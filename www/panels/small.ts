// What the page asks by itself: of so small a model, and so few prompts, each question is over in about a second.

import { runCount } from "../store/prompts.ts";
import { info, texts } from "../store/session.ts";

const FEW_LAYERS = 4;
const FEW_PROMPTS = 300;

export function isSmall(): boolean {
  const layers = info.value?.n_layer ?? Number.POSITIVE_INFINITY;
  // Before the prompts have been read, as many as are drawn.
  return layers <= FEW_LAYERS && (runCount.value || Number(texts.value.n)) <= FEW_PROMPTS;
}
