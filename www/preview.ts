// While the form is edited: check it, mark what is wrong, and show the prompts that it stands for.

import type { ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { check } from "./check.ts";
import { problemOf } from "./errors.ts";
import { markProblems, readForm } from "./form.ts";
import type { Lab } from "./lab.ts";
import { showProblem } from "./panels/message.ts";
import { clearSentences, showSentences } from "./panels/sentences.ts";

const SENTENCES = 3;
const PAUSE_MS = 150;

export class LivePreview {
  readonly #lab: Lab;
  readonly #defaults: ExperimentSpec;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Replies to older requests are dropped. */
  #latest = 0;

  constructor(lab: Lab, defaults: ExperimentSpec) {
    this.#lab = lab;
    this.#defaults = defaults;
  }

  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), PAUSE_MS);
  }

  /** `marking: false` leaves the marks to a run that starts at the same time. */
  async now({ marking = true } = {}): Promise<void> {
    clearTimeout(this.#timer);
    this.#latest += 1;
    const turn = this.#latest;
    try {
      const { problems, preview } = await check(this.#lab, readForm(), this.#defaults, SENTENCES);
      if (turn !== this.#latest) return;
      // An unfinished base URL is no mistake until Run.
      if (marking) markProblems(problems.filter(({ field }) => field !== "model"));
      if (preview) showSentences(preview);
      else clearSentences("The prompts appear here when the marked fields are right.");
    } catch (error) {
      if (turn !== this.#latest) return;
      const problem = problemOf(error);
      clearSentences(problem.message);
      if (problem.reload || problem.restart) showProblem(problem);
    }
  }
}
