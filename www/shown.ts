// What the page shows: the finished run, and the prompt of it that is looked at more closely. Panels watch these two.

import type { ModelInfo } from "../pkg/cpu/patchbay.js";
import type { Settings, Texts } from "./fields.ts";
import type { PageResult } from "./result.ts";
import { Signal } from "./signal.ts";
import type { ModelSource } from "./sources.ts";

export interface Shown {
  /** The form's texts when it was asked for; own prompts that do not fit are in them still. */
  asked: Texts;
  settings: Settings;
  source: ModelSource;
  result: PageResult;
  model: ModelInfo;
}

/** The run whose result is shown; null before the first. */
export const shown = new Signal<Shown | null>(null);

/** Its place in the shown run's dataset. */
export const chosenPrompt = new Signal(0);
