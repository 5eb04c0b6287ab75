// One run at a time: from the form to the shown result. What was shown before stays until a run is complete.

import type { ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { setState } from "./automation.ts";
import { check } from "./check.ts";
import { byId } from "./dom.ts";
import { CANCELLED, NamedError, type Problem, problemOf } from "./errors.ts";
import { type FieldProblem, type Settings, settingsOf, specOf } from "./fields.ts";
import { focusField, markProblems, readForm, readSource } from "./form.ts";
import type { Lab } from "./lab.ts";
import { clearMessage, showMessage, showProblem, showProblems } from "./panels/message.ts";
import { askOnce } from "./panels/persistence.ts";
import { type ProgressPanel, showProgress } from "./panels/progress.ts";
import type { LoadStep, RunReply } from "./protocol.ts";

const runButton = byId("run", HTMLButtonElement);
const cancelButton = byId("cancel", HTMLButtonElement);

interface RunEvents {
  /** It went well: the page is to show this. */
  done: (settings: Settings, reply: RunReply) => void;
  /** It is over, however it went. */
  ended: () => void;
}

export class Runs {
  readonly #lab: Lab;
  readonly #defaults: ExperimentSpec;
  readonly #events: RunEvents;
  #open = false;
  #busy = false;
  /** The run under way is the page's own doing: whoever presses Run need not wait for it. */
  #own = false;
  #over: Promise<void> = Promise.resolve();
  #cancelling = false;
  #progress: ProgressPanel | null = null;

  constructor(lab: Lab, defaults: ExperimentSpec, events: RunEvents) {
    this.#lab = lab;
    this.#defaults = defaults;
    this.#events = events;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** From now on runs may start: the form says what the page was opened for. */
  open(): void {
    this.#open = true;
    this.#setBusy(this.#busy);
  }

  cancel(): void {
    if (!this.#busy || this.#cancelling) return;
    this.#cancelling = true;
    this.#progress?.cancelling();
    this.#lab.cancel();
  }

  /** `own`: by the page itself. */
  async start({ own = false } = {}): Promise<void> {
    if (this.#own && !own) {
      this.cancel();
      await this.#over;
    }
    if (!this.#open || this.#busy) return;
    this.#own = own;
    this.#over = this.#begin();
    await this.#over;
    this.#own = false;
  }

  async #begin(): Promise<void> {
    const texts = readForm();
    clearMessage();
    markProblems([]);
    this.#cancelling = false;
    this.#setBusy(true);
    window.patchbay.error = null;
    window.patchbay.load = null;
    setState("loading");
    try {
      const { problems } = await check(this.#lab, texts, this.#defaults, 0);
      if (problems.length > 0) {
        this.#end("");
        refuse(problems);
        return;
      }
      const settings = settingsOf(texts);
      const reply = await this.#run(settings);
      this.#events.done(settings, reply);
      this.#end("Done. The result is shown.");
      setState("done");
    } catch (error) {
      this.#end("");
      fail(problemOf(error));
    }
  }

  #run(settings: Settings): Promise<RunReply> {
    // A cancel during the check found nothing to stop in the worker.
    if (this.#cancelling) throw new NamedError(CANCELLED, "Cancelled.");
    const { device, accuracy } = settings;
    const request = { source: readSource(settings.model), device, spec: specOf(settings), accuracy };
    const progress = showProgress();
    this.#progress = progress;
    return this.#lab.run(request, (step) => {
      // Comlink delivers steps on their own channel; one may arrive after the end.
      if (this.#progress !== progress || this.#cancelling) return;
      if (step.phase === "load") noteLoad(step);
      setState(step.phase === "load" ? "loading" : "running");
      progress.step(step);
    });
  }

  #end(last: string): void {
    this.#setBusy(false);
    this.#progress?.end(last);
    this.#progress = null;
    this.#events.ended();
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    // Not `disabled` on Run: it would lose the keyboard, and with it Esc.
    runButton.setAttribute("aria-disabled", String((busy && !this.#own) || !this.#open));
    if (!busy && document.activeElement === cancelButton) runButton.focus();
    cancelButton.disabled = !busy;
  }
}

function noteLoad(step: LoadStep): void {
  window.patchbay.load = step;
  // So much is worth keeping; the small files would not be.
  if (step.stage === "download" && step.what === "model.safetensors") void askOnce();
}

function refuse(problems: FieldProblem[]): void {
  markProblems(problems);
  const message = showProblems("Nothing was run.", problems);
  window.patchbay.error = { name: "BadInput", message };
  setState("error");
  focusField(problems[0]?.field ?? "");
}

function fail(problem: Problem): void {
  window.patchbay.error = { name: problem.name, message: problem.message };
  if (problem.name === CANCELLED) {
    showMessage(problem.message, { calm: true });
    setState("cancelled");
    return;
  }
  showProblem(problem);
  if (problem.field !== null) {
    markProblems([{ field: problem.field, message: problem.message }]);
    focusField(problem.field);
  }
  setState("error");
}
