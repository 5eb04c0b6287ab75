// While the form is edited: check it, mark what is wrong, and show the prompts that it stands for.

import { problemOf } from "./errors.ts";
import { type FieldName, problemsOf, settingsOf, specOf } from "./fields.ts";
import { markProblems, readForm } from "./form.ts";
import type { Lab } from "./lab.ts";
import { showProblem } from "./panels/message.ts";
import { clearSentences, showSentences } from "./panels/sentences.ts";

const SENTENCES = 3;
const PAUSE_MS = 150;

export class LivePreview {
  readonly #lab: Lab;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Replies to older requests are dropped. */
  #latest = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
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
    const texts = readForm();
    const problems = problemsOf(texts);
    // An unfinished base URL is no mistake until Run.
    const worthMarking = problems.filter(({ field }) => field !== "model");
    const mark = marking ? markProblems : () => undefined;
    if (problems.some(({ field }) => shapesPrompts(field))) {
      mark(worthMarking);
      clearSentences("The prompts appear here when the marked fields are right.");
      return;
    }
    const { dataset, flip } = specOf(settingsOf(texts));
    try {
      const preview = await this.#lab.preview(dataset, flip, SENTENCES);
      if (turn !== this.#latest) return;
      mark(worthMarking);
      showSentences(preview);
    } catch (error) {
      if (turn !== this.#latest) return;
      const problem = problemOf(error);
      clearSentences(problem.message);
      if (problem.reload) showProblem(problem);
      const { field, message } = problem;
      mark(field === null ? worthMarking : [...worthMarking, { field, message }]);
    }
  }
}

const PROMPT_FIELDS: readonly FieldName[] = ["n", "seed", "symmetric", "prompt_type", "prepend_bos", "flip"];

function shapesPrompts(field: string): boolean {
  return PROMPT_FIELDS.some((name) => name === field);
}
