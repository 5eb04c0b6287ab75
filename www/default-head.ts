// The head that a model is asked about where nobody chose one: the page's, 10.7, where the model has it, else the model's own.

import type { ExperimentSpec, ModelInfo } from "../pkg/cpu/patchbay.js";
import { type Settings, type Texts, textsOf } from "./fields.ts";

type Shape = Pick<ModelInfo, "n_layer" | "n_head" | "default_head">;

/** The spec with a head that the model has. */
export function atHeadOf(spec: ExperimentSpec, model: Shape): ExperimentSpec {
  if (spec.layer < model.n_layer && spec.head < model.n_head) return spec;
  const [layer, head] = model.default_head;
  return { ...spec, layer, head };
}

/** What was asked for with the head that was run, and what to say where that is another; null where it is the same. */
export function followed(
  asked: Texts,
  settings: Settings,
  [layer, head]: readonly [number, number],
): { asked: Texts; settings: Settings; message: string } | null {
  if (layer === settings.layer && head === settings.head) return null;
  const now = { ...settings, layer, head };
  const { layer: layerText, head: headText } = textsOf(now);
  return {
    asked: { ...asked, layer: layerText, head: headText },
    settings: now,
    message: `This model has no head ${settings.layer}.${settings.head}, which the page begins with: its own default, head ${layer}.${head}, was run.`,
  };
}
