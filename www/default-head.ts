// The head that a model is asked about where nobody chose one: the page's, 10.7, where the model has it, else the model's own.

import type { ModelInfo } from "../pkg/cpu/patchbay.js";
import { type Settings, type Texts, textsOf } from "./fields.ts";
import type { JobSpec } from "./protocol.ts";

type Shape = Pick<ModelInfo, "n_layer" | "n_head" | "default_head">;

/** The same question, of a head that the model has; as it is where it is of no head. */
export function atHeadOf(job: JobSpec, model: Shape): JobSpec {
  const asked: { layer?: number; head?: number } = job.spec ?? {};
  if (asked.layer === undefined || asked.head === undefined) return job;
  if (asked.layer < model.n_layer && asked.head < model.n_head) return job;
  const [layer, head] = model.default_head;
  return { ...job, spec: { ...asked, layer, head } };
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
