// The shown run's prompts as its model reads them. Several panels want them; the worker is asked once a run.

import type { PromptView } from "../pkg/cpu/patchbay.js";
import { CANCELLED, NamedError } from "./errors.ts";
import type { Lab } from "./lab.ts";
import type { Runs } from "./run.ts";
import { type Shown, shown } from "./shown.ts";

export class ShownPrompts {
  readonly #lab: Pick<Lab, "dataset">;
  readonly #runs: Pick<Runs, "look">;
  #asked: { of: Shown; prompts: Promise<readonly PromptView[]> } | null = null;

  constructor(lab: Pick<Lab, "dataset">, runs: Pick<Runs, "look">) {
    this.#lab = lab;
    this.#runs = runs;
  }

  /** In the run's order, those included that do not fit the model. */
  of(run: Shown): Promise<readonly PromptView[]> {
    if (this.#asked?.of === run) return this.#asked.prompts;
    const { source, settings, result } = run;
    const { dataset: spec, flip } = result.spec;
    const request = { source, device: settings.device, head: null, spec, flip };
    const prompts = this.#runs.look((task) => {
      // The worker may have another run's model by now: asking for this one's would load it again.
      if (shown.value !== run) throw new NamedError(CANCELLED, "Another run is shown by now.");
      return this.#lab.dataset(request, task);
    });
    const asked = { of: run, prompts };
    this.#asked = asked;
    // What failed is tried again when it is asked for again.
    prompts.catch(() => {
      if (this.#asked === asked) this.#asked = null;
    });
    return prompts;
  }
}
